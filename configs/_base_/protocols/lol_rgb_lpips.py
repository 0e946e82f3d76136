# The same as lol_rgb, and LPIPS (Zhang et al., CVPR 2018) with AlexNet, version 0.1, as many papers report it
# beside the two. torchvision's weights of AlexNet are put there by hand:
# https://download.pytorch.org/models/alexnet-owt-7be5be79.pth
_base_ = ["./lol_rgb.py"]

protocol = "lol_rgb_lpips"
val_evaluator = _base_.val_evaluator
test_evaluator = [
    *_base_.val_evaluator,
    dict(type="LPIPS", backbone_weights="data/weights/alexnet-owt-7be5be79.pth"),
]
