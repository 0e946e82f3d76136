# EnhanceNet's variants with an adversarial loss.
_base_ = ["./enhancenet.py"]

model = dict(
    discriminator=dict(
        type="EnhanceNetDiscriminator",
        image_size=128,
        # Through ten layers without normalisation, PyTorch's own would leave next to nothing of the images.
        init_cfg=dict(type="Kaiming", layer=["Conv2d", "Linear"], a=0.2, mode="fan_in"),
    ),
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
