# A short training of ENet-E on a CPU, without downloads: the sample set of
# tools/dataset_converters/prepare_sample.py, small crops, a larger learning rate.
_base_ = ["./enhancenet_e_x4.py"]

_prepare = "python tools/dataset_converters/prepare_sample.py"

train_pipeline = [
    dict(type="LoadImage", key="gt"),
    dict(type="MakeLowResolution", scale=4, kernel="lanczos"),
    dict(type="CropPair", size=16, scale=4),
    dict(type="mmagic.Flip", keys=["img", "gt"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(data_root="data/sample/SR/train", pipeline=train_pipeline, prepare=_prepare),
)
val_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(data_root="data/sample/SR/val", prepare=_prepare),
)
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=4)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_epochs=40, val_interval=10)
default_hooks = dict(logger=dict(interval=3), checkpoint=dict(interval=10))
