# Our answer to the defects that users name: colour loss, lost detail, training that breaks down, no
# equilibrium. What measured better in short trainings; in a long one on a CPU it did not, see README.md.
_base_ = ["./enlightengan_unpaired.py"]

model = dict(
    # Discriminators that cannot become steep, on which the generator's gradient depends.
    discriminator=dict(
        global_network=dict(spectral_norm=True),
        local_network=dict(spectral_norm=True),
    ),
)

custom_hooks = [
    dict(type="NaNGuardHook"),
    # The generator learns from fixed losses before it learns from opponents that know nothing yet.
    dict(type="LossWeightWarmUpHook", losses=["global_loss", "local_loss"], iterations=600),
    # What is tested and saved is an average over about the last thousand steps.
    dict(type="GeneratorEMAHook", momentum=0.001, update_buffers=True),
]
