# Zero-DCE: Zero-Reference Deep Curve Estimation for Low-Light Image Enhancement (Guo et al., CVPR 2020),
# with the settings of the authors' code.
model = dict(
    type="ZeroDCE",
    generator=dict(
        type="ZeroDCENet",
        init_cfg=dict(type="NormalWeights", layer="Conv2d", std=0.02),
    ),
    steps=8,
    order=2,
    spatial_loss=dict(type="SpatialConsistencyLoss", loss_weight=1, diagonal_weight=0),
    color_loss=dict(type="ColorConstancyLoss", loss_weight=5),
    exposure_loss=dict(type="ExposureControlLoss", loss_weight=10, target=0.6, norm="l2"),
    smoothness_loss=dict(type="IlluminationSmoothnessLoss", loss_weight=200),
)
