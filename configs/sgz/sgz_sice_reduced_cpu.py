# For one CPU core, in minutes and without downloads: whole photographs of all exposures, reduced to 96x96,
# half of them darkened; exposure judged by large regions, highlights kept, a larger learning rate that falls
# to zero, no weight decay, averaged weights, no semantic guidance.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sice_all_exposures.py",
    "../_base_/models/sgz.py",
    "../_base_/schedules/sgz_100e.py",
    "../_base_/protocols/lol_rgb.py",
]

model = dict(
    color_loss=dict(loss_weight=4),
    exposure_loss=dict(target=0.575, region_size=48),
    # Of reduced photographs, whose maps are steeper.
    smoothness_loss=dict(loss_weight=850),
    highlight_loss=dict(type="HighlightLoss", loss_weight=16),
    semantic_loss=None,
)
train_dataloader = dict(batch_size=6)
auto_scale_lr = dict(base_batch_size=6)
optim_wrapper = dict(optimizer=dict(lr=3e-3, weight_decay=0))
param_scheduler = dict(type="CosineAnnealingLR", T_max=2, by_epoch=True, convert_to_iter_based=True)
train_cfg = dict(max_epochs=2, val_interval=2)
custom_hooks = [dict(type="GeneratorEMAHook", momentum=0.01)]
