# SGZ on SICE Part 1: the recipe of the authors' code.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sice.py",
    "../_base_/models/sgz.py",
    "../_base_/schedules/sgz_100e.py",
    "../_base_/protocols/lol_rgb.py",
]

train_dataloader = dict(batch_size=6)
