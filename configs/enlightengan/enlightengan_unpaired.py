_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/unpaired.py",
    "../_base_/models/enlightengan.py",
]

train_dataloader = dict(batch_size=32)
auto_scale_lr = dict(base_batch_size=32)
