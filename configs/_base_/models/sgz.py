# SGZ: Semantic-Guided Zero-Shot Learning for Low-Light Image/Video Enhancement (Zheng & Gupta, WACVW 2022),
# with the settings of the authors' code. One thing is MMSegmentation's: its FPN segmentor (ResNetV1c-50, a
# head that adds its levels up) stands for the original's own (ResNet-50, a head that concatenates them).
segmentor = dict(
    type="EncoderDecoder",
    backbone=dict(
        type="ResNetV1c",
        depth=50,
        num_stages=4,
        out_indices=(0, 1, 2, 3),
        norm_cfg=dict(type="BN"),
        norm_eval=True,
        style="pytorch",
    ),
    neck=dict(
        type="FPN",
        in_channels=[256, 512, 1024, 2048],
        out_channels=256,
        num_outs=4,
        # As in the authors' code; MMSegmentation's own is "nearest".
        upsample_cfg=dict(mode="bilinear", align_corners=False),
        init_cfg=dict(type="Normal", layer="Conv2d", std=0.01),
    ),
    decode_head=dict(
        type="FPNHead",
        in_channels=[256, 256, 256, 256],
        in_index=[0, 1, 2, 3],
        feature_strides=[4, 8, 16, 32],
        channels=128,
        num_classes=21,
        norm_cfg=dict(type="BN"),
        align_corners=False,
        init_cfg=dict(type="Normal", layer="Conv2d", std=0.01),
    ),
    train_cfg=dict(),
    test_cfg=dict(mode="whole"),
)

model = dict(
    type="SGZ",
    generator=dict(type="EFENet", conv_type="dsc", scale_factor=1),
    steps=8,
    order=2,
    spatial_loss=dict(type="SpatialConsistencyLoss", loss_weight=1, diagonal_weight=0.5),
    color_loss=dict(type="ColorConstancyLoss", loss_weight=5),
    exposure_loss=dict(type="ExposureControlLoss", loss_weight=10, target=0.6, norm="l2"),
    smoothness_loss=dict(type="IlluminationSmoothnessLoss", loss_weight=1600),
    semantic_loss=dict(
        type="SemanticGuidanceLoss",
        loss_weight=0.1,
        gamma=2.0,
        segmentor=segmentor,
        # As in the authors' code, the image in [0, 1] is segmented as it is.
        mean=(0, 0, 0),
        std=(1, 1, 1),
        # ImageNet weights of the backbone; the rest is random, as in the paper. A local file or None will
        # do too.
        weights="open-mmlab://resnet50_v1c",
    ),
)
