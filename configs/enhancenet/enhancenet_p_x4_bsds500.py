# ENet-P on BSDS500 for one CPU core, started from the weights of enhancenet_e_x4_bsds500.py
# (`--cfg-options load_from=CHECKPOINT`), with pool2 of a VGG-16's first three blocks.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/bsds500.py",
    "../_base_/models/enhancenet.py",
    "../_base_/schedules/enhancenet_20e.py",
    "../_base_/protocols/sr_y.py",
]

model = dict(
    features=_base_.vgg16_features,
    perceptual_loss=_base_.vgg16_perceptual_loss,
)
train_dataloader = dict(batch_size=4)
auto_scale_lr = dict(base_batch_size=4)
optim_wrapper = dict(optimizer=dict(lr=2e-4))
train_cfg = dict(max_epochs=8, val_interval=2)
default_hooks = dict(logger=dict(interval=10), checkpoint=dict(interval=1))
