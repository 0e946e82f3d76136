# EnhanceNet's variants with an adversarial loss, A.
_base_ = ["./enhancenet.py"]

model = dict(
    discriminator=dict(
        type="EnhanceNetDiscriminator",
        image_size=128,
        # Through ten layers without normalisation, PyTorch's own would leave next to nothing of the images.
        init_cfg=dict(type="Kaiming", layer=["Conv2d", "Linear"], a=0.2, mode="fan_in"),
    ),
    adversarial_loss=dict(type="mmagic.GANLoss", gan_type="vanilla", loss_weight=1),
    # The discriminator is not trained in a step in which the probability that it gives to the truth is at
    # least this, on real and on generated images. The paper names no thresholds.
    real_threshold=0.8,
    fake_threshold=0.8,
)
