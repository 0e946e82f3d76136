# ENet-E: the pixels.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/super_resolution.py",
    "../_base_/models/enhancenet.py",
]

model = dict(
    pixel_loss=dict(type="mmagic.MSELoss"),
)
train_dataloader = dict(batch_size=16)
auto_scale_lr = dict(base_batch_size=16)
