_base_ = ["../_base_/default_runtime.py"]

_prepare = "python tools/dataset_converters/prepare_sample.py"

train_pipeline = [
    dict(type="LoadImage", key="gt", keep=True),
    dict(type="MakeLowResolution", scale=4, kernel="lanczos"),
    dict(type="CropPair", size=24, scale=4),
    dict(type="mmagic.Flip", keys=["img", "gt"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.Flip", keys=["img", "gt"], flip_ratio=0.5, direction="vertical"),
    dict(type="mmagic.RandomTransposeHW", keys=["img", "gt"], transpose_ratio=0.5),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]
eval_pipeline = [
    dict(type="LoadImage", key="gt"),
    dict(type="MakeLowResolution", scale=4, kernel="lanczos"),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

model = dict(
    type="EnhanceNet",
    generator=dict(type="EnhanceNetGenerator"),
    pixel_loss=dict(type="mmagic.MSELoss"),
)
train_dataloader = dict(
    batch_size=8,
    num_workers=0,
    persistent_workers=False,
    sampler=dict(type="PassSampler", shuffle=True),
    dataset=dict(
        type="LowLightDataset",
        data_root="data/BSDS500/train",
        data_prefix=dict(img="", gt=""),
        indices=190,
        pipeline=train_pipeline,
        prepare=_prepare,
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=0,
    persistent_workers=False,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="LowLightDataset",
        data_root="data/BSDS500/train",
        data_prefix=dict(img="", gt=""),
        indices=-10,
        pipeline=eval_pipeline,
        test_mode=True,
        prepare=_prepare,
    ),
)
test_dataloader = dict(
    batch_size=1,
    num_workers=0,
    persistent_workers=False,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="LowLightDataset",
        data_root="data/Set5",
        data_prefix=dict(img="", gt=""),
        pipeline=eval_pipeline,
        test_mode=True,
        prepare=_prepare,
    ),
)
val_evaluator = [
    dict(type="PSNR", channels="Y", crop_border=4),
    dict(type="SSIM", channels="Y", crop_border=4),
]
test_evaluator = val_evaluator
val_cfg = dict()
test_cfg = dict()
auto_scale_lr = dict(base_batch_size=8)
optim_wrapper = dict(
    type="OptimWrapper",
    optimizer=dict(type="Adam", lr=1e-3),
    clip_grad=dict(max_norm=0.01),
)
train_cfg = dict(type="ResumableEpochLoop", max_epochs=250, val_interval=10)
param_scheduler = dict(type="CosineAnnealingLR", T_max=250, by_epoch=True, convert_to_iter_based=True)
default_hooks = dict(checkpoint=dict(interval=5), logger=dict(interval=20))
