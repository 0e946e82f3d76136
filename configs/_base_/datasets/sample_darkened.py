# The bright halves of the sample set's training pairs, whole, darkened and compared with themselves.
_base_ = ["./sample_eval.py"]

train_pipeline = [
    dict(type="LoadImage", key="img"),
    dict(type="mmagic.Resize", keys=["img"], scale=(64, 64), interpolation="area"),
    dict(type="mmagic.Flip", keys=["img"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.CopyValues", src_keys=["img"], dst_keys=["gt"]),
    dict(type="DarkenByCurve", keys=["img"], largest=0.45, prob=0.6),
    dict(type="SynthesizeLowLight", keys=["img"], exposure=(0.005, 1), prob=0.55),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

train_dataloader = dict(
    dataset=dict(
        type="LowLightDataset",
        data_root="data/sample/LOL/our485",
        data_prefix=dict(img="high"),
        pipeline=train_pipeline,
        prepare=_base_.prepare,
    ),
)
