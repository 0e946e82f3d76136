# The paper's recipe at a scale that a CPU can train within an hour: networks of half the width, photographs
# reduced to 128x128 and crops of 64x64, batches of 8, features of conv3_3, a shorter schedule with a larger
# learning rate.
_base_ = ["./enlightengan_unpaired.py"]

resize = dict(type="mmagic.Resize", keys=["img", "normal"], scale=(128, 128), interpolation="area")
crop = [dict(each, crop_size=(64, 64)) for each in _base_.crop]
flip = [*_base_.flip_horizontally, *_base_.flip_vertically]
train_pipeline = [*_base_.load, resize, *crop, *flip, _base_.darken, _base_.pack]

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
