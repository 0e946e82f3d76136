# The sample set's low-light photographs and well-lit ones of other scenes, whole and reduced to 64x64: in
# crops their noise would tell them apart before their brightness does.
_base_ = ["./sample_eval.py"]

load = [dict(type="LoadImage", key="img"), dict(type="LoadImage", key="normal")]
resize = dict(type="mmagic.Resize", keys=["img", "normal"], scale=(64, 64), interpolation="area")
# Each image separately: they are different photographs.
flip = [
    dict(type="mmagic.Flip", keys=["img"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.Flip", keys=["normal"], flip_ratio=0.5, direction="horizontal"),
]
darken = dict(type="RandomDarken", key="img", to="darkened", probability=0.5, factors=(2, 4))
pack = dict(type="mmagic.PackInputs", keys=["img", "darkened", "normal"], meta_keys=["key"])
train_pipeline = [*load, resize, *flip, darken, pack]

train_dataloader = dict(
    dataset=dict(
        type="UnpairedLowLightDataset",
        data_root="data/sample/unpaired",
        data_prefix=dict(img="low", normal="normal"),
        pipeline=train_pipeline,
        prepare=_base_.prepare,
    ),
)
