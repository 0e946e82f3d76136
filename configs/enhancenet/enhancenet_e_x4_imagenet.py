# Super-resolution measured by recognition, with the protocol of EnhanceNet's paper: the first 1000 validation
# photographs of ImageNet at 224x224, reduced to 56x56, super-resolved and classified by a ResNet-50. It tests
# a checkpoint of any of the variants.
_base_ = ["./enhancenet_e_x4.py"]

test_pipeline = [
    dict(type="LoadImage", key="gt"),
    dict(type="mmagic.Resize", keys=["gt"], scale=(224, 224), interpolation="lanczos", backend="pillow"),
    dict(type="MakeLowResolution", scale=4, kernel="lanczos"),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

test_dataloader = dict(
    dataset=dict(data_root="data/ImageNet/val", indices=1000, pipeline=test_pipeline),
)
test_evaluator = [
    dict(type="PSNR", channels="Y", crop_border=4),
    dict(type="SSIM", channels="Y", crop_border=4),
    # Weights of torchvision; a local file will do too.
    dict(
        type="TopKRecognition",
        labels="data/ImageNet/val.txt",
        weights="https://download.pytorch.org/models/resnet50-0676ba61.pth",
    ),
]
