# EnlightenGAN: Deep Light Enhancement without Paired Supervision (Jiang et al., TIP 2021), with the settings
# of the authors' code.
_init = [
    dict(type="NormalWeights", layer="Conv2d", std=0.02),
    dict(type="NormalWeights", layer="BatchNorm2d", mean=1, std=0.02),
]

model = dict(
    type="EnlightenGAN",
    generator=dict(type="EnlightenGANGenerator", init_cfg=_init),
    discriminator=dict(
        type="DualDiscriminator",
        global_network=dict(type="PatchGANDiscriminator", num_layers=5),
        local_network=dict(type="PatchGANDiscriminator", num_layers=4),
        patch_size=32,
        num_patches=6,
        init_cfg=_init,
    ),
    global_loss=dict(type="RelativisticGANLoss"),
    local_loss=dict(type="mmagic.GANLoss", gan_type="lsgan"),
    feature_loss=dict(
        type="SelfFeaturePreservingLoss",
        features=dict(
            type="VGGFeatures",
            depth=16,
            layers=["relu5_1"],
            preprocessing="caffe_no_mean",
            skip_pools=[4],
            # ImageNet weights that were trained with Caffe. A local file or None is possible too.
            weights="open-mmlab://vgg16_caffe",
        ),
    ),
)
