# SGZ on LOL.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/lol.py",
    "../_base_/models/sgz.py",
    "../_base_/schedules/sgz_100e.py",
    "../_base_/protocols/lol_rgb.py",
]

train_dataloader = dict(batch_size=6)
