# The global curve for one CPU core, in minutes: well exposed frames of SICE Part 1, darkened.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/darkened.py",
    "../_base_/models/global_curve.py",
    "../_base_/schedules/global_curve_100e.py",
    "../_base_/protocols/lol_rgb.py",
]

train_dataloader = dict(batch_size=16, **_base_.in_process)
