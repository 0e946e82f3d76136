# The schedule of EnlightenGAN's code: 100 epochs, and 100 in which the learning rate falls linearly, to one
# hundredth in the last.
_optim = dict(type="OptimWrapper", optimizer=dict(type="Adam", lr=1e-4, betas=(0.5, 0.999)))
optim_wrapper = dict(
    constructor="mmagic.MultiOptimWrapperConstructor",
    generator=_optim,
    discriminator=_optim,
)
param_scheduler = dict(type="LinearLR", start_factor=1, end_factor=0, by_epoch=True, begin=100, end=201)
auto_scale_lr = dict(base_batch_size=32)

# Each network is wrapped on its own; the running statistics of batch normalisation are those of the first
# process.
model_wrapper_cfg = dict(type="MMSeparateDistributedDataParallel", broadcast_buffers=True)

train_cfg = dict(type="ResumableEpochLoop", max_epochs=200, val_interval=5)
val_cfg = dict()
test_cfg = dict()
