# Photographs for x4 super-resolution, such as MSCOCO's: halved, which removes the artefacts of JPEG, and
# cropped to 128x128 (256x256 of the photograph, as in EnhanceNet's paper). The input is made from them.
_base_ = ["./loaders.py"]

load = dict(type="LoadImage", key="gt")
halve = dict(
    type="mmagic.Resize",
    keys=["gt"],
    scale=0.5,
    keep_ratio=True,
    interpolation="lanczos",
    backend="pillow",
)
make_low_resolution = dict(type="MakeLowResolution", scale=4, kernel="lanczos")
crop = dict(type="CropPair", size=32, scale=4)
flip_horizontally = dict(type="mmagic.Flip", keys=["img", "gt"], flip_ratio=0.5, direction="horizontal")
pack = dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"])
train_pipeline = [load, halve, make_low_resolution, crop, flip_horizontally, pack]
eval_pipeline = [load, make_low_resolution, pack]

train_dataloader = dict(
    dataset=dict(
        type="SuperResolutionDataset",
        data_root="data/SR/train",
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    dataset=dict(
        type="SuperResolutionDataset",
        data_root="data/SR/val",
        pipeline=eval_pipeline,
        test_mode=True,
    ),
)
test_dataloader = val_dataloader
