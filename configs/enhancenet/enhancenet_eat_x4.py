# ENet-EAT: the pixels, a discriminator and the textures.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/super_resolution.py",
    "../_base_/models/enhancenet_gan.py",
    "../_base_/schedules/enhancenet_gan_20e.py",
    "../_base_/protocols/sr_y.py",
]

model = dict(
    pixel_loss=_base_.pixel_loss,
    texture_loss=_base_.texture_loss,
    adversarial_loss=dict(loss_weight=2),
)
train_dataloader = dict(batch_size=16)
