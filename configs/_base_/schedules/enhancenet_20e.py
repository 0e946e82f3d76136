# The optimiser of EnhanceNet's paper. Batch size and number of epochs are ours: the authors published no
# training code.
optim_wrapper = dict(type="OptimWrapper", optimizer=dict(type="Adam", lr=1e-4))
auto_scale_lr = dict(base_batch_size=16)

train_cfg = dict(type="ResumableEpochLoop", max_epochs=20, val_interval=1)
val_cfg = dict()
test_cfg = dict()
