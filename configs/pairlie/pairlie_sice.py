_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sice_pairs.py",
    "../_base_/models/pairlie.py",
]

model = dict(gamma=0.14)  # validated and tested on LOL
train_dataloader = dict(batch_size=1)
auto_scale_lr = dict(base_batch_size=1)
default_hooks = dict(checkpoint=dict(interval=20))
