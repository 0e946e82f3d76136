# PairLIE on LOL and SICE Part 1: the recipe of the authors' code, with the exponent that they test LOL with.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/lol_sice_pairs.py",
    "../_base_/models/pairlie.py",
    "../_base_/schedules/pairlie_400e.py",
    "../_base_/protocols/lol_rgb.py",
]

model = dict(gamma=0.14)
train_dataloader = dict(batch_size=1)
default_hooks = dict(checkpoint=dict(interval=20))
