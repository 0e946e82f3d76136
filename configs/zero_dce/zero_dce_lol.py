_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/lol.py",
    "../_base_/models/zero_dce.py",
]

train_dataloader = dict(batch_size=8)
auto_scale_lr = dict(base_batch_size=8)
