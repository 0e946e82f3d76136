# Low-light enhancement as papers measure it on LOL (Wei et al., BMVC 2018): 8-bit RGB, whole images, their
# brightness as it is; SSIM (Wang et al., TIP 2004) with a Gaussian window of 11x11, sigma 1.5, over positions
# where the whole window fits, mean of the channels.
protocol = "lol_rgb"
val_evaluator = [dict(type="PSNR"), dict(type="SSIM")]
test_evaluator = val_evaluator
