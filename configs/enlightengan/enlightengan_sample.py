# A short training on a CPU, without downloads: the sample set, small networks, random features, a larger
# learning rate; spectral normalisation and the colour term, because discriminators soon overfit so few
# images.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sample_unpaired.py",
    "../_base_/models/enlightengan.py",
    "../_base_/schedules/enlightengan_200e.py",
    "../_base_/protocols/lol_rgb_color_detail.py",
]

model = dict(
    generator=dict(width=8),
    discriminator=dict(
        global_network=dict(width=8, num_layers=3, spectral_norm=True),
        local_network=dict(width=8, num_layers=2, spectral_norm=True),
    ),
    feature_loss=dict(features=dict(layers=["relu2_2"], skip_pools=[], weights=None)),
    color_loss=dict(type="ColorPreservationLoss", loss_weight=5),
)

train_dataloader = dict(batch_size=4)
auto_scale_lr = dict(base_batch_size=4)
optim_wrapper = dict(
    generator=dict(optimizer=dict(lr=5e-4)),
    discriminator=dict(optimizer=dict(lr=2e-4)),
)
# The learning rate falls in the second half, and would be zero one epoch after the last.
param_scheduler = dict(begin=80, end=161)
train_cfg = dict(max_epochs=160, val_interval=40)
# Three steps an epoch.
default_hooks = dict(logger=dict(interval=3), checkpoint=dict(interval=40))
