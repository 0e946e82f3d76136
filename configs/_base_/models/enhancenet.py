# EnhanceNet: Single Image Super-Resolution Through Automated Texture Synthesis (Sajjadi et al., ICCV 2017).
# The variants add their losses. Batch size and number of epochs are ours: the authors published no training
# code.
model = dict(
    type="EnhanceNet",
    generator=dict(type="EnhanceNetGenerator"),
    # For the variants that compare features. The paper's VGG-19; a local file or None will do too.
    features=dict(
        type="VGGFeatures",
        depth=19,
        preprocessing="torchvision",
        weights="https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
    ),
)

optim_wrapper = dict(type="OptimWrapper", optimizer=dict(type="Adam", lr=1e-4))

train_cfg = dict(type="ResumableEpochLoop", max_epochs=20, val_interval=1)
val_cfg = dict()
test_cfg = dict()
