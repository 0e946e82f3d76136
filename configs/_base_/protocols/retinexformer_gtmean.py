# Retinexformer's with its option --GT_mean (Cai et al., ICCV 2023; github.com/caiyuanhao1998/Retinexformer,
# Enhancement/test_from_dataset.py, which names KinD and LLFlow as its models): each output is scaled so that
# its mean grey is that of the ground truth. PSNR is that of outputs that are not rounded, SSIM of rounded
# ones. The program takes the grey of RGB as if it were BGR; here the weights are where they belong.
# Figures with the suffix _gtmean do not compare with others: they have seen the ground truth. Therefore those
# without stand beside them, and these alone are the ones that a training may be chosen by.
protocol = "retinexformer_gtmean"
val_evaluator = [dict(type="PSNR", rounding="none"), dict(type="SSIM")]
test_evaluator = [
    *val_evaluator,
    dict(type="PSNR", rounding="none", gt_mean=True),
    dict(type="SSIM", gt_mean=True),
]
