# Well exposed photographs (`prepare_unpaired.py` sorts them out), reduced to 128x128. Four of five are
# darkened, by a curve or by less light and the noise of a sensor, and compared with what they were.
# Validated on the photographs that the quality benchmark chooses by.
_base_ = ["./lol_eval.py"]

held_out = [f"{number:03d}" for number in range(251) if number % 8 in (3, 7)]

train_pipeline = [
    dict(type="LoadImage", key="img", cache_dir="data/cache/SICE"),
    dict(type="mmagic.Resize", keys=["img"], scale=(128, 128), interpolation="area"),
    dict(type="mmagic.Flip", keys=["img"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.CopyValues", src_keys=["img"], dst_keys=["gt"]),
    dict(type="DarkenByCurve", keys=["img"], largest=0.45, prob=0.6),
    dict(type="SynthesizeLowLight", keys=["img"], exposure=(0.005, 1), shot_noise=(1e-5, 2e-4), prob=0.55),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

train_dataloader = dict(
    dataset=dict(
        type="LowLightDataset",
        data_root="data/unpaired",
        data_prefix=dict(img="normal"),
        exclude=held_out,
        pipeline=train_pipeline,
        prepare="python tools/dataset_converters/prepare_unpaired.py data/SICE --link",
    ),
)
val_dataloader = dict(
    dataset=dict(
        data_root="data/quality/selection/A",
        prepare="python tools/dataset_converters/prepare_quality_sets.py",
    ),
)
