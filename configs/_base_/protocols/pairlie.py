# PairLIE's own (Fu et al., CVPR 2023; github.com/zhenqifu/PairLIE, eval.py and measure.py): as lol_rgb, but
# torchvision's ToPILImage saves the outputs, which cuts fractions off instead of rounding. It also measures
# LPIPS with AlexNet, see lol_rgb_lpips.py. The exponent is 0.14 on LOL and 0.2 elsewhere: model.gamma.
protocol = "pairlie"
val_evaluator = [dict(type="PSNR", rounding="down"), dict(type="SSIM", rounding="down")]
test_evaluator = val_evaluator
