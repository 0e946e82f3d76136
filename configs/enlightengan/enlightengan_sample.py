# A short training on a CPU, without downloads: the sample set of tools/dataset_converters/prepare_sample.py,
# small networks, random features, a larger learning rate; spectral normalisation and the colour term, because
# discriminators soon know so few images by heart.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/unpaired.py",
    "../_base_/models/enlightengan.py",
]

train_pipeline = [
    dict(type="LoadImage", key="img"),
    dict(type="LoadImage", key="normal"),
    # Whole images, reduced: their noise would otherwise tell them apart before their brightness does.
    dict(type="mmagic.Resize", keys=["img", "normal"], scale=(64, 64), interpolation="area"),
    dict(type="mmagic.Flip", keys=["img"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.Flip", keys=["normal"], flip_ratio=0.5, direction="horizontal"),
    dict(type="RandomDarken", key="img", to="darkened", probability=0.5, factors=(2, 4)),
    dict(type="mmagic.PackInputs", keys=["img", "darkened", "normal"], meta_keys=["key"]),
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

_prepare = "python tools/dataset_converters/prepare_sample.py"
train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(data_root="data/sample/unpaired", pipeline=train_pipeline, prepare=_prepare),
)
val_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(data_root="data/sample/LOL/eval15", prepare=_prepare),
)
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=4)
optim_wrapper = dict(
    generator=dict(optimizer=dict(lr=5e-4)),
    discriminator=dict(optimizer=dict(lr=2e-4)),
)
param_scheduler = dict(begin=80, end=160)
train_cfg = dict(max_epochs=160, val_interval=40)
# Three steps an epoch.
default_hooks = dict(logger=dict(interval=3), checkpoint=dict(interval=40))
