# What all data loaders have in common. PassSampler makes a training resumable bit for bit.
train_dataloader = dict(
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type="PassSampler", shuffle=True),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type="DefaultSampler", shuffle=False),
)
test_dataloader = val_dataloader

# For small images, or a machine of few cores.
in_process = dict(num_workers=0, persistent_workers=False)
