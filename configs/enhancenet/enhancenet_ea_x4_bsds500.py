# ENet-EA on BSDS500 for one CPU core: as ENet-PAT there, with the pixels in place of features and textures.
_base_ = ["./enhancenet_pat_x4_bsds500.py"]

model = dict(
    pixel_loss=_base_.pixel_loss,
    perceptual_loss=None,
    texture_loss=None,
    adversarial_loss=dict(loss_weight=1),
)
