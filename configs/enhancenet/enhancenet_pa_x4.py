# ENet-PA: features of a classifier and a discriminator.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/super_resolution.py",
    "../_base_/models/enhancenet_gan.py",
]

model = dict(
    perceptual_loss=dict(type="PerceptualFeatureLoss", layer_weights=dict(pool2=2e-1, pool5=2e-2)),
)
train_dataloader = dict(batch_size=16)
auto_scale_lr = dict(base_batch_size=16)
