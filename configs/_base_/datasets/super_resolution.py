# Photographs for x4 super-resolution, random crops of 128x128; the input is made from them. EnhanceNet's
# paper trains on squares of 256x256 of MSCOCO's photographs (Lin et al., ECCV 2014).
_base_ = ["./loaders.py"]

load = dict(type="LoadImage", key="gt")
make_low_resolution = dict(type="MakeLowResolution", scale=4, kernel="lanczos")
crop = dict(type="CropPair", size=32, scale=4)
flip_horizontally = dict(type="mmagic.Flip", keys=["img", "gt"], flip_ratio=0.5, direction="horizontal")
pack = dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"])
train_pipeline = [load, make_low_resolution, crop, flip_horizontally, pack]
eval_pipeline = [load, make_low_resolution, pack]

prepare = "python tools/dataset_converters/prepare_coco.py train2017.zip val2017.zip"

train_dataloader = dict(
    dataset=dict(
        type="SuperResolutionDataset",
        data_root="data/SR/train",
        pipeline=train_pipeline,
        prepare=prepare,
    ),
)
val_dataloader = dict(
    dataset=dict(
        type="SuperResolutionDataset",
        data_root="data/SR/val",
        pipeline=eval_pipeline,
        test_mode=True,
        prepare=prepare,
    ),
)
test_dataloader = val_dataloader
