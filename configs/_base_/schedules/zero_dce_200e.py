# The schedule of Zero-DCE's code.
optim_wrapper = dict(
    type="OptimWrapper",
    optimizer=dict(type="Adam", lr=1e-4, weight_decay=1e-4),
    clip_grad=dict(max_norm=0.1),
)
auto_scale_lr = dict(base_batch_size=8)

train_cfg = dict(type="ResumableEpochLoop", max_epochs=200, val_interval=10)
val_cfg = dict()
test_cfg = dict()
