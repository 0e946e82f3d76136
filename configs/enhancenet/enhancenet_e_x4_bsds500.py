# ENet-E on the 200 training photographs of BSDS500, of which the last ten are held out for validation, for
# one CPU core: crops of 24x24, batches of 8, a larger learning rate that falls to zero. BSDS500's val folder
# holds BSD100, a test set: never train on it. Tested on Set5.
_base_ = ["./enhancenet_e_x4.py"]

train_pipeline = [
    dict(type="LoadImage", key="gt", cache_dir="data/cache/BSDS500"),
    dict(type="MakeLowResolution", scale=4, kernel="lanczos"),
    dict(type="CropPair", size=24, scale=4),
    dict(type="mmagic.Flip", keys=["img", "gt"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.Flip", keys=["img", "gt"], flip_ratio=0.5, direction="vertical"),
    dict(type="mmagic.RandomTransposeHW", keys=["img", "gt"], transpose_ratio=0.5),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

train_dataloader = dict(
    batch_size=8,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(data_root="data/BSDS500/train", indices=190, pipeline=train_pipeline),
)
val_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(data_root="data/BSDS500/train", indices=-10),
)
test_dataloader = dict(num_workers=0, persistent_workers=False, dataset=dict(data_root="data/Set5"))
auto_scale_lr = dict(base_batch_size=8)
optim_wrapper = dict(optimizer=dict(lr=1e-3), clip_grad=dict(max_norm=0.01))
param_scheduler = dict(type="CosineAnnealingLR", T_max=250, by_epoch=True, convert_to_iter_based=True)
train_cfg = dict(max_epochs=250, val_interval=10)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=5))
