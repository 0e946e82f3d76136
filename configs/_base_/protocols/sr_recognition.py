# Super-resolution tested by what a classifier recognises (Sajjadi et al., ICCV 2017, EnhanceNet): top-1 and
# top-5 of a ResNet-50, beside PSNR and SSIM.
_base_ = ["./sr_y.py"]

protocol = "sr_recognition"
test_evaluator = [
    *_base_.val_evaluator,
    # Weights of torchvision; a local file is possible too.
    dict(
        type="TopKRecognition",
        labels="data/ImageNet/val.txt",
        weights="https://download.pytorch.org/models/resnet50-0676ba61.pth",
    ),
]
