# The paper's recipe at a scale that a CPU can train within an hour: networks of half the width, photographs
# reduced to 128x128 and crops of 64x64, batches of 8, features of conv3_3, a shorter schedule with a larger
# learning rate.
_base_ = ["./enlightengan_unpaired.py"]

_crop = (64, 64)
train_pipeline = [
    dict(type="LoadImage", key="img"),
    dict(type="LoadImage", key="normal"),
    dict(type="mmagic.Resize", keys=["img", "normal"], scale=(128, 128), interpolation="area"),
    dict(type="mmagic.Crop", keys=["img"], crop_size=_crop),
    dict(type="mmagic.Crop", keys=["normal"], crop_size=_crop),
    dict(type="mmagic.Flip", keys=["img"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.Flip", keys=["normal"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.Flip", keys=["img"], flip_ratio=0.5, direction="vertical"),
    dict(type="mmagic.Flip", keys=["normal"], flip_ratio=0.5, direction="vertical"),
    dict(type="RandomDarken", key="img", to="darkened", probability=0.5, factors=(2, 4)),
    dict(type="mmagic.PackInputs", keys=["img", "darkened", "normal"], meta_keys=["key"]),
]

model = dict(
    generator=dict(width=16),
    discriminator=dict(global_network=dict(width=32), local_network=dict(width=32)),
    feature_loss=dict(features=dict(layers=["conv3_3"], skip_pools=[], preprocessing="caffe")),
)

train_dataloader = dict(batch_size=8, num_workers=1, dataset=dict(pipeline=train_pipeline))
auto_scale_lr = dict(base_batch_size=8)
optim_wrapper = dict(
    generator=dict(optimizer=dict(lr=2e-4)),
    discriminator=dict(optimizer=dict(lr=2e-4)),
)
param_scheduler = dict(begin=16, end=33)
train_cfg = dict(max_epochs=32, val_interval=4)
default_hooks = dict(logger=dict(interval=10), picture=dict(num_validation=2))
