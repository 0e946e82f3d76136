# A short training on a CPU, without downloads: the scenes of the sample set of
# tools/dataset_converters/prepare_sample.py, a larger learning rate.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sample.py",
    "../_base_/models/pairlie.py",
]

train_pipeline = [
    dict(type="mmagic.FixedCrop", keys=["img", "img2"], crop_size=(48, 48)),
    dict(type="mmagic.Flip", keys=["img", "img2"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.PackInputs", keys=["img", "img2"], meta_keys=["key"]),
]

model = dict(gamma=0.14)
train_dataloader = dict(
    batch_size=2,
    dataset=dict(
        _delete_=True,
        type="MultiExposureDataset",
        data_root="data/sample/SICE",
        pipeline=train_pipeline,
        prepare="python tools/dataset_converters/prepare_sample.py",
    ),
)
auto_scale_lr = dict(base_batch_size=2)
optim_wrapper = dict(optimizer=dict(lr=4e-4))
param_scheduler = [
    dict(type="LinearLR", start_factor=0.01, by_epoch=False, begin=0, end=100),
    dict(type="CosineAnnealingLR", T_max=150, by_epoch=True, convert_to_iter_based=True),
]
train_cfg = dict(max_epochs=150, val_interval=50)
default_hooks = dict(logger=dict(interval=4), checkpoint=dict(interval=50))
