# ENet-EAT: the pixels, a discriminator and the textures.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/super_resolution.py",
    "../_base_/models/enhancenet_gan.py",
]

model = dict(
    pixel_loss=dict(type="mmagic.MSELoss"),
    texture_loss=dict(
        type="TextureMatchingLoss", layer_weights=dict(relu1_1=3e-7, relu2_1=1e-6, relu3_1=1e-6)
    ),
    adversarial_loss=dict(loss_weight=2),
)
train_dataloader = dict(batch_size=16)
auto_scale_lr = dict(base_batch_size=16)
