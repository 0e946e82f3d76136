# Super-resolution as its papers measure it: on the luma of BT.601 in studio range, 8-bit, without a border as
# wide as the scale. So measured, EnhanceNet's original weights have the figures of its paper (Sajjadi et al.,
# ICCV 2017, Table 3) on Set5 and Set14.
protocol = "sr_y"
val_evaluator = [
    dict(type="PSNR", channels="Y", crop_border=4),
    dict(type="SSIM", channels="Y", crop_border=4),
]
test_evaluator = val_evaluator
