# PairLIE on SICE Part 1 alone; the authors train on LOL as well, see pairlie_lol_sice.py.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sice_pairs.py",
    "../_base_/models/pairlie.py",
    "../_base_/schedules/pairlie_400e.py",
    "../_base_/protocols/lol_rgb.py",
]

train_dataloader = dict(batch_size=1)
default_hooks = dict(checkpoint=dict(interval=20))
