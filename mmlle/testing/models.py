"""Configs of models small enough to be built, run and trained within milliseconds on a CPU."""

__all__ = [
    "tiny_enhancenet",
    "tiny_enhancenet_pat",
    "tiny_enlightengan",
    "tiny_global_curve",
    "tiny_pairlie",
    "tiny_segmentor",
    "tiny_sgz",
    "tiny_zero_dce",
]


def tiny_enhancenet() -> dict:
    """Config of an :class:`mmlle.models.EnhanceNet` of width 4 and two blocks, trained on pixels."""
    return dict(
        type="EnhanceNet",
        generator=dict(type="EnhanceNetGenerator", width=4, num_blocks=2),
        pixel_loss=dict(type="MSELoss"),
    )


def tiny_enhancenet_pat() -> dict:
    """Config of an :class:`mmlle.models.EnhanceNet` with features, discriminator and textures.

    Ground truth is 32×32. The features are random ones, of which a warning tells.
    """
    return dict(
        type="EnhanceNet",
        generator=dict(type="EnhanceNetGenerator", width=4, num_blocks=1),
        features=dict(type="VGGFeatures", depth=16),
        perceptual_loss=dict(type="PerceptualFeatureLoss", layer_weights=dict(pool2=0.2)),
        texture_loss=dict(type="TextureMatchingLoss", layer_weights=dict(relu1_1=3e-7, relu2_1=1e-6)),
        discriminator=dict(type="EnhanceNetDiscriminator", image_size=32, width=1, hidden=4),
        adversarial_loss=dict(type="mmagic.GANLoss", gan_type="vanilla", loss_weight=2),
    )


def tiny_enlightengan() -> dict:
    """Config of an :class:`mmlle.models.EnlightenGAN` of width 2; its features are random."""
    return dict(
        type="EnlightenGAN",
        generator=dict(type="EnlightenGANGenerator", width=2),
        discriminator=dict(
            type="DualDiscriminator",
            global_network=dict(type="PatchGANDiscriminator", num_layers=2, width=2),
            local_network=dict(type="PatchGANDiscriminator", num_layers=1, width=2),
            patch_size=16,
        ),
        global_loss=dict(type="RelativisticGANLoss"),
        local_loss=dict(type="mmagic.GANLoss", gan_type="lsgan"),
        feature_loss=dict(
            type="SelfFeaturePreservingLoss", features=dict(type="VGGFeatures", depth=16, layers=["relu1_2"])
        ),
        color_loss=dict(type="ColorPreservationLoss"),
        highlight_loss=dict(type="HighlightLoss", white=0.1),
        exposure_loss=dict(type="ExposureControlLoss"),
        reconstruction_loss=dict(type="mmagic.L1Loss"),
    )


def tiny_global_curve() -> dict:
    """Config of an :class:`mmlle.models.GlobalCurve` of width 2 and three steps."""
    return dict(
        type="GlobalCurve",
        generator=dict(type="GlobalCurveNet", width=2),
        pixel_loss=dict(type="L1Loss"),
        highlight_loss=dict(type="HighlightLoss", white=0.1),
        steps=3,
    )


def tiny_segmentor(num_classes: int = 5, width: int = 8) -> dict:
    """Config of an MMSegmentation FPN segmentor of ``width`` channels, the small sibling of SGZ's."""
    return dict(
        type="EncoderDecoder",
        backbone=dict(
            type="ResNetV1c",
            depth=18,
            base_channels=width,
            stem_channels=width,
            norm_cfg=dict(type="BN"),
            norm_eval=True,
        ),
        neck=dict(
            type="FPN", in_channels=[width * 2**stage for stage in range(4)], out_channels=width, num_outs=4
        ),
        decode_head=dict(
            type="FPNHead",
            in_channels=[width] * 4,
            in_index=[0, 1, 2, 3],
            feature_strides=[4, 8, 16, 32],
            channels=width,
            num_classes=num_classes,
            norm_cfg=dict(type="BN"),
            align_corners=False,
        ),
        train_cfg=dict(),
        test_cfg=dict(mode="whole"),
    )


def tiny_pairlie() -> dict:
    """Config of a :class:`mmlle.models.PairLIE` of width 4, with the original's losses."""
    return dict(
        type="PairLIE",
        generator=dict(type="RetinexDecompositionNet", width=4),
        consistency_loss=dict(type="ReflectanceConsistencyLoss"),
        retinex_loss=dict(type="RetinexLoss"),
        projection_loss=dict(type="ProjectionLoss", loss_weight=500),
    )


def tiny_zero_dce() -> dict:
    """Config of a :class:`mmlle.models.ZeroDCE` of width 4 and three steps, with the original's losses."""
    return dict(
        type="ZeroDCE",
        generator=dict(type="ZeroDCENet", width=4, steps=3),
        steps=3,
        spatial_loss=dict(type="SpatialConsistencyLoss", diagonal_weight=0),
        color_loss=dict(type="ColorConstancyLoss", loss_weight=5),
        exposure_loss=dict(type="ExposureControlLoss", loss_weight=10),
        smoothness_loss=dict(type="IlluminationSmoothnessLoss", loss_weight=200),
    )


def tiny_sgz(weights: str | None = None) -> dict:
    """Config of an :class:`mmlle.models.SGZ` of width 8, guided by :func:`tiny_segmentor`.

    Args:
        weights: Those of the segmentor; None for random ones, of which a warning tells.
    """
    return dict(
        type="SGZ",
        generator=dict(type="EFENet", width=8),
        spatial_loss=dict(type="SpatialConsistencyLoss"),
        color_loss=dict(type="ColorConstancyLoss", loss_weight=5),
        exposure_loss=dict(type="ExposureControlLoss", loss_weight=10),
        smoothness_loss=dict(type="IlluminationSmoothnessLoss", loss_weight=1600),
        semantic_loss=dict(
            type="SemanticGuidanceLoss", segmentor=tiny_segmentor(), weights=weights, loss_weight=0.1
        ),
    )
