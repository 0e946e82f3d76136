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
            # ImageNet weights that were trained with Caffe. A local file or None will do too.
            weights="open-mmlab://vgg16_caffe",
        ),
    ),
)

_optim = dict(type="OptimWrapper", optimizer=dict(type="Adam", lr=1e-4, betas=(0.5, 0.999)))
optim_wrapper = dict(
    constructor="mmagic.MultiOptimWrapperConstructor",
    generator=_optim,
    discriminator=_optim,
)

# 100 epochs, and 100 in which the learning rate falls, to one hundredth in the last.
param_scheduler = dict(type="LinearLR", start_factor=1, end_factor=0, by_epoch=True, begin=100, end=201)

# Each network by itself; the running statistics of batch normalisation are those of the first process.
model_wrapper_cfg = dict(type="MMSeparateDistributedDataParallel", broadcast_buffers=True)


train_cfg = dict(type="ResumableEpochLoop", max_epochs=200, val_interval=5)
val_cfg = dict()
test_cfg = dict()
