# PairLIE: Learning a Simple Low-light Image Enhancer from Paired Low-light Instances (Fu et al., CVPR 2023),
# with the settings of the authors' code.
model = dict(
    type="PairLIE",
    generator=dict(type="RetinexDecompositionNet", width=64),
    consistency_loss=dict(type="ReflectanceConsistencyLoss", loss_weight=1),
    retinex_loss=dict(type="RetinexLoss", loss_weight=1),
    projection_loss=dict(type="ProjectionLoss", loss_weight=500),
    gamma=0.2,
)
