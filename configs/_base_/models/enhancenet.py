# EnhanceNet: Single Image Super-Resolution Through Automated Texture Synthesis (Sajjadi et al., ICCV 2017).
# The letters of a variant name the losses that it adds up, with the weights of the paper's Table 2.
pixel_loss = dict(type="MSELoss")  # E
perceptual_loss = dict(type="PerceptualFeatureLoss", layer_weights=dict(pool2=2e-1, pool5=2e-2))  # P
texture_loss = dict(  # T
    type="TextureMatchingLoss", layer_weights=dict(relu1_1=3e-7, relu2_1=1e-6, relu3_1=1e-6)
)

# Of a VGG-16 the first three blocks are enough: pool2 alone for P, the paper's layers for T.
vgg16_features = dict(depth=16, preprocessing="caffe", weights="open-mmlab://vgg16_caffe")
vgg16_perceptual_loss = dict(perceptual_loss, layer_weights=dict(pool2=2e-1))

model = dict(
    type="EnhanceNet",
    generator=dict(type="EnhanceNetGenerator"),
    # For the variants that compare features. The paper's VGG-19; a local file or None is possible too.
    features=dict(
        type="VGGFeatures",
        depth=19,
        preprocessing="torchvision",
        weights="https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
    ),
)
