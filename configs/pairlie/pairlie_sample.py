# A short training on a CPU, without downloads: the sample set, a larger learning rate.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sample_pairs.py",
    "../_base_/models/pairlie.py",
    "../_base_/schedules/pairlie_400e.py",
    "../_base_/protocols/lol_rgb.py",
]

train_dataloader = dict(batch_size=2)
auto_scale_lr = dict(base_batch_size=2)
optim_wrapper = dict(optimizer=dict(lr=4e-4))
param_scheduler = [
    dict(type="LinearLR", start_factor=0.01, by_epoch=False, begin=0, end=100),
    dict(type="CosineAnnealingLR", T_max=150, by_epoch=True, convert_to_iter_based=True),
]
train_cfg = dict(max_epochs=150, val_interval=50)
default_hooks = dict(logger=dict(interval=4), checkpoint=dict(interval=50))
