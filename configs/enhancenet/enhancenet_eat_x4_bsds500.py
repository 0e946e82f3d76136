# ENet-EAT on BSDS500 for one CPU core: as ENet-PAT there, with the pixels in place of the features.
_base_ = ["./enhancenet_pat_x4_bsds500.py"]

model = dict(pixel_loss=_base_.pixel_loss, perceptual_loss=None)
