# One light curve for the whole photograph, of this package.
model = dict(
    type="GlobalCurve",
    generator=dict(type="GlobalCurveNet", width=16),
    pixel_loss=dict(type="L1Loss"),
    highlight_loss=dict(type="HighlightLoss", loss_weight=25),
    steps=8,
)
# It has learned how bright a scene is meant to be: the strengths that `mmlle enhance` chooses for dark
# photographs move towards the one of its training.
look = dict(trust=0.6)
