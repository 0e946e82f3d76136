# The same, and what users of EnlightenGAN miss most: colour (CIEDE2000; Sharma et al., 2005) and detail.
_base_ = ["./lol_rgb.py"]

protocol = "lol_rgb_color_detail"
val_evaluator = [*_base_.val_evaluator, dict(type="DeltaE"), dict(type="GradientCorrelation")]
test_evaluator = val_evaluator
