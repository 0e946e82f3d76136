# A short training on a CPU, without downloads: the sample set, a larger learning rate, no semantic guidance.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sample.py",
    "../_base_/models/sgz.py",
    "../_base_/schedules/sgz_100e.py",
    "../_base_/protocols/lol_rgb.py",
]

model = dict(semantic_loss=None)
train_dataloader = dict(batch_size=4)
auto_scale_lr = dict(base_batch_size=4)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_epochs=20, val_interval=5)
default_hooks = dict(logger=dict(interval=8), checkpoint=dict(interval=5))
