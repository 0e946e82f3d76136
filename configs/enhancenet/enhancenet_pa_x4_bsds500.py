# ENet-PA on BSDS500 for one CPU core: as ENet-PAT there, without the textures.
_base_ = ["./enhancenet_pat_x4_bsds500.py"]

model = dict(texture_loss=None, adversarial_loss=dict(loss_weight=1))
