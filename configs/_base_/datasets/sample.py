# Single photographs of the sample set's scenes, random crops of 128x128.
_base_ = ["./sample_eval.py"]

load = dict(type="LoadImage", key="img")
crop = dict(type="mmagic.Crop", keys=["img"], crop_size=(128, 128))
flip = dict(type="mmagic.Flip", keys=["img"], flip_ratio=0.5, direction="horizontal")
pack = dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"])
train_pipeline = [load, crop, flip, pack]

train_dataloader = dict(
    dataset=dict(
        type="LowLightDataset",
        data_root="data/sample/SICE",
        data_prefix=dict(img=""),
        pipeline=train_pipeline,
        prepare=_base_.prepare,
    ),
)
