# The stable recipe at the scale of enlightengan_unpaired_cpu.py.
_base_ = ["./enlightengan_unpaired_cpu.py"]

model = dict(
    discriminator=dict(
        global_network=dict(spectral_norm=True),
        local_network=dict(spectral_norm=True),
    ),
)

custom_hooks = [
    dict(type="NaNGuardHook"),
    dict(type="LossWeightWarmUpHook", losses=["global_loss", "local_loss"], iterations=200),
    dict(type="GeneratorEMAHook", momentum=0.005, update_buffers=True),
]
