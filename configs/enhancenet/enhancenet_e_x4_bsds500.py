# ENet-E on BSDS500 for one CPU core: crops of 96x96, batches of 8, a larger learning rate that falls to zero
# twice. Six of ten photographs are reduced before: there are few, and reduced ones have sharper edges.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/bsds500.py",
    "../_base_/models/enhancenet.py",
    "../_base_/schedules/enhancenet_20e.py",
    "../_base_/protocols/sr_y.py",
]

reduce = dict(
    type="mmagic.RandomResize",
    keys=["gt"],
    params=dict(
        resize_mode_prob=[0, 0.6, 0.4],  # enlarge, reduce, keep
        resize_scale=[0.55, 1],
        resize_opt=["area", "bicubic"],
        resize_prob=[0.5, 0.5],
    ),
)
crop = dict(type="CropPair", size=24, scale=4)
train_pipeline = [_base_.load, reduce, _base_.make_low_resolution, crop, *_base_.augment, _base_.pack]

model = dict(pixel_loss=_base_.pixel_loss)
train_dataloader = dict(batch_size=8, dataset=dict(pipeline=train_pipeline))
auto_scale_lr = dict(base_batch_size=8)
optim_wrapper = dict(optimizer=dict(lr=1e-3), clip_grad=dict(max_norm=0.01))
param_scheduler = dict(
    type="CosineRestartLR",
    periods=[600, 560],
    restart_weights=[1, 0.5],
    eta_min=0,
    by_epoch=True,
    convert_to_iter_based=True,
)
train_cfg = dict(max_epochs=1160, val_interval=10)
default_hooks = dict(logger=dict(interval=20), checkpoint=dict(interval=5))
