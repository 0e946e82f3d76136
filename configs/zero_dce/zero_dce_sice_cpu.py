# For one CPU core, in minutes: whole photographs of all exposures, reduced to 96x96, half of them darkened;
# exposure judged by large regions, highlights and what is well exposed kept, a larger learning rate that
# falls to zero, no weight decay, averaged weights, a target brightness of 0.56 (0.6 in the paper).
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sice_all_exposures.py",
    "../_base_/models/zero_dce.py",
    "../_base_/schedules/zero_dce_200e.py",
    "../_base_/protocols/lol_rgb.py",
]

model = dict(
    exposure_loss=dict(target=0.56, region_size=48),
    highlight_loss=dict(type="HighlightLoss", loss_weight=40),
    identity_loss=dict(type="IdentityLoss", loss_weight=30),
)
train_dataloader = dict(batch_size=4)
auto_scale_lr = dict(base_batch_size=4)
optim_wrapper = dict(optimizer=dict(lr=1e-3, weight_decay=0))
param_scheduler = dict(type="CosineAnnealingLR", T_max=2, by_epoch=True, convert_to_iter_based=True)
train_cfg = dict(max_epochs=2, val_interval=2)
custom_hooks = [dict(type="GeneratorEMAHook", momentum=0.01)]
