# Our answer to the defects that users name: colour loss, lost detail, training that breaks down, no
# equilibrium. The remedies that measured better, see README.md.
_base_ = ["./enlightengan_unpaired.py"]

# Twice what is usual, and more: against the single step that ends a training.
optim_wrapper = dict(
    generator=dict(clip_grad=dict(max_norm=20)),
    discriminator=dict(clip_grad=dict(max_norm=10)),
)
custom_hooks = [
    # The generator learns from fixed losses before it learns from opponents that know nothing yet.
    dict(type="LossWeightWarmUpHook", losses=["global_loss", "local_loss"], iterations=600),
    # The discriminators judge what a test will show.
    dict(type="NormEvalHook", begin=50),
    # What is tested and saved is an average over about the last thousand steps.
    dict(type="GeneratorEMAHook", momentum=0.001, update_buffers=True),
]
