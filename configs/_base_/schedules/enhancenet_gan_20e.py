# The same for generator and discriminator.
_base_ = ["./enhancenet_20e.py"]

optim_wrapper = dict(
    _delete_=True,
    constructor="mmagic.MultiOptimWrapperConstructor",
    generator=_base_.optim_wrapper,
    discriminator=_base_.optim_wrapper,
)

# Each network is wrapped on its own.
model_wrapper_cfg = dict(type="MMSeparateDistributedDataParallel")
