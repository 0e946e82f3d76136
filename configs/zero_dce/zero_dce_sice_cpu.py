# For two CPU cores, in minutes: 64x64 crops of frames of all exposures, half of them darkened, a larger
# learning rate that falls to zero, averaged weights, a target brightness of 0.5 (0.6 in the paper).
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sice_all_exposures.py",
    "../_base_/models/zero_dce.py",
    "../_base_/schedules/zero_dce_200e.py",
    "../_base_/protocols/lol_rgb.py",
]

model = dict(exposure_loss=dict(target=0.5))
auto_scale_lr = dict(base_batch_size=8)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = dict(type="CosineAnnealingLR", T_max=8, by_epoch=True, convert_to_iter_based=True)
train_cfg = dict(max_epochs=8, val_interval=8)
custom_hooks = [dict(type="GeneratorEMAHook", momentum=0.01)]
