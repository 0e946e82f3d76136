# Adam, with a learning rate that falls to zero, and the average of the weights.
optim_wrapper = dict(type="OptimWrapper", optimizer=dict(type="Adam", lr=1e-3), clip_grad=dict(max_norm=1))
auto_scale_lr = dict(base_batch_size=16)
param_scheduler = dict(type="CosineAnnealingLR", T_max=100, by_epoch=True, convert_to_iter_based=True)

train_cfg = dict(type="ResumableEpochLoop", max_epochs=100, val_interval=20)
val_cfg = dict()
test_cfg = dict()
custom_hooks = [dict(type="GeneratorEMAHook", momentum=0.01)]
