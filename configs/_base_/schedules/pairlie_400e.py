# The schedule of PairLIE's code.
optim_wrapper = dict(type="OptimWrapper", optimizer=dict(type="Adam", lr=1e-4))
param_scheduler = dict(type="MultiStepLR", milestones=[100, 200, 300], gamma=0.5, by_epoch=True)
auto_scale_lr = dict(base_batch_size=1)

train_cfg = dict(type="ResumableEpochLoop", max_epochs=400, val_interval=20)
val_cfg = dict()
test_cfg = dict()
