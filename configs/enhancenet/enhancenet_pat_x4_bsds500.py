# ENet-PAT on BSDS500 for one CPU core, started from the weights of enhancenet_e_x4_bsds500.py
# (`--cfg-options load_from=CHECKPOINT`). Of a VGG-16 the first three blocks are enough: pool2 alone for P,
# the paper's layers for T. A short schedule.
_base_ = ["./enhancenet_pat_x4.py"]

train_pipeline = [
    dict(type="LoadImage", key="gt", cache_dir="data/cache/BSDS500"),
    dict(type="MakeLowResolution", scale=4, kernel="lanczos"),
    dict(type="CropPair", size=32, scale=4),
    dict(type="mmagic.Flip", keys=["img", "gt"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.Flip", keys=["img", "gt"], flip_ratio=0.5, direction="vertical"),
    dict(type="mmagic.RandomTransposeHW", keys=["img", "gt"], transpose_ratio=0.5),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

model = dict(
    features=dict(depth=16, preprocessing="caffe", weights="open-mmlab://vgg16_caffe"),
    perceptual_loss=dict(layer_weights=dict(_delete_=True, pool2=2e-1)),
)

train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(data_root="data/BSDS500/train", indices=190, pipeline=train_pipeline),
)
val_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(data_root="data/BSDS500/train", indices=-10),
)
test_dataloader = dict(num_workers=0, persistent_workers=False, dataset=dict(data_root="data/Set5"))
auto_scale_lr = dict(base_batch_size=4)
optim_wrapper = dict(
    generator=dict(optimizer=dict(lr=2e-4)),
    discriminator=dict(optimizer=dict(lr=2e-4)),
)
train_cfg = dict(max_epochs=8, val_interval=2)
default_hooks = dict(logger=dict(interval=10), checkpoint=dict(interval=1))
