# The stable recipe at the scale of enlightengan_unpaired_cpu.py, a third as many steps.
_base_ = ["./enlightengan_unpaired_cpu.py"]

optim_wrapper = dict(
    generator=dict(clip_grad=dict(max_norm=20)),
    discriminator=dict(clip_grad=dict(max_norm=10)),
)
custom_hooks = [
    dict(type="LossWeightWarmUpHook", losses=["global_loss", "local_loss"], iterations=200),
    dict(type="NormEvalHook", begin=8),
    dict(type="GeneratorEMAHook", momentum=0.005, update_buffers=True),
]
