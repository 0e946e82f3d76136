# A short training of ENet-E on a CPU, without downloads: the sample set, a larger learning rate.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sample_super_resolution.py",
    "../_base_/models/enhancenet.py",
    "../_base_/schedules/enhancenet_20e.py",
    "../_base_/protocols/sr_y.py",
]

model = dict(pixel_loss=_base_.pixel_loss)
train_dataloader = dict(batch_size=4)
auto_scale_lr = dict(base_batch_size=4)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_epochs=40, val_interval=10)
default_hooks = dict(logger=dict(interval=3), checkpoint=dict(interval=10))
