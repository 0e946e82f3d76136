# A short training on a CPU, without downloads: the well exposed frames of the sample set, darkened.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sample_darkened.py",
    "../_base_/models/global_curve.py",
    "../_base_/schedules/global_curve_100e.py",
    "../_base_/protocols/lol_rgb.py",
]

train_dataloader = dict(batch_size=4)
auto_scale_lr = dict(base_batch_size=4)
default_hooks = dict(logger=dict(interval=8), checkpoint=dict(interval=20))
