# Photographs for x4 super-resolution, such as MSCOCO's: halved, which takes the artefacts of JPEG away, and
# cut to 128x128 (256x256 of the photograph, as in EnhanceNet's paper); the input is made from them. Measured
# as the field does, on the luma and without a border of four pixels.
train_pipeline = [
    dict(type="LoadImage", key="gt"),
    dict(
        type="mmagic.Resize",
        keys=["gt"],
        scale=0.5,
        keep_ratio=True,
        interpolation="lanczos",
        backend="pillow",
    ),
    dict(type="MakeLowResolution", scale=4, kernel="lanczos"),
    dict(type="CropPair", size=32, scale=4),
    dict(type="mmagic.Flip", keys=["img", "gt"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]
eval_pipeline = [
    dict(type="LoadImage", key="gt"),
    dict(type="MakeLowResolution", scale=4, kernel="lanczos"),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

train_dataloader = dict(
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type="PassSampler", shuffle=True),
    dataset=dict(
        type="SuperResolutionDataset",
        data_root="data/SR/train",
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="SuperResolutionDataset",
        data_root="data/SR/val",
        pipeline=eval_pipeline,
        test_mode=True,
    ),
)
test_dataloader = val_dataloader

val_evaluator = [
    dict(type="PSNR", channels="Y", crop_border=4),
    dict(type="SSIM", channels="Y", crop_border=4),
]
test_evaluator = val_evaluator
