# A short training on a CPU, without downloads: the sample set, a larger learning rate.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sample.py",
    "../_base_/models/zero_dce.py",
    "../_base_/schedules/zero_dce_200e.py",
    "../_base_/protocols/lol_rgb.py",
]

train_dataloader = dict(batch_size=4)
auto_scale_lr = dict(base_batch_size=4)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_epochs=20, val_interval=5)
default_hooks = dict(logger=dict(interval=8), checkpoint=dict(interval=5))
