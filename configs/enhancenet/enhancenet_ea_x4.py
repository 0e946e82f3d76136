# ENet-EA: the pixels and a discriminator.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/super_resolution.py",
    "../_base_/models/enhancenet_gan.py",
    "../_base_/schedules/enhancenet_gan_20e.py",
    "../_base_/protocols/sr_y.py",
]

model = dict(pixel_loss=_base_.pixel_loss)
train_dataloader = dict(batch_size=16)
