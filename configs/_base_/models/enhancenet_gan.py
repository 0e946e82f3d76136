# EnhanceNet's variants with an adversarial loss.
_base_ = ["./enhancenet.py"]

model = dict(
    discriminator=dict(type="EnhanceNetDiscriminator", image_size=128),
    adversarial_loss=dict(type="mmagic.GANLoss", gan_type="vanilla", loss_weight=1),
    # The discriminator rests while the probability that it gives to the truth is not below these, on real and
    # on generated images. The paper names no thresholds.
    real_threshold=0.8,
    fake_threshold=0.8,
)

_optim = dict(type="OptimWrapper", optimizer=dict(type="Adam", lr=1e-4))
optim_wrapper = dict(
    _delete_=True,
    constructor="mmagic.MultiOptimWrapperConstructor",
    generator=_optim,
    discriminator=_optim,
)

# Each network by itself.
model_wrapper_cfg = dict(type="MMSeparateDistributedDataParallel")
