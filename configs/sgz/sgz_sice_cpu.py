# For two CPU cores, in minutes and without downloads: 64x64 crops of frames of all exposures, half of
# them darkened, a larger learning rate (1e-3, as the README of the original says; its code says 1e-4) that
# falls to zero, averaged weights, a target brightness of 0.5 (0.6 in the paper), no semantic guidance.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sice_all_exposures.py",
    "../_base_/models/sgz.py",
    "../_base_/schedules/sgz_100e.py",
    "../_base_/protocols/lol_rgb.py",
]

model = dict(semantic_loss=None, exposure_loss=dict(target=0.5))
auto_scale_lr = dict(base_batch_size=8)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = dict(type="CosineAnnealingLR", T_max=8, by_epoch=True, convert_to_iter_based=True)
train_cfg = dict(max_epochs=8, val_interval=8)
custom_hooks = [dict(type="GeneratorEMAHook", momentum=0.01)]
