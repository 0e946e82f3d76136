# PairLIE for photographs as dark and as noisy as LOL's, from SICE alone and on a CPU: well exposed frames,
# four of five pairs photographed again with 0.02 to 0.4 of the light and the noise of a sensor; many small
# crops. Validated on pairs made of every eighth scene, which are not trained on:
#   python tools/dataset_converters/prepare_exposure_pairs.py data/SICE $(seq -f %03g 3 8 225)
_base_ = ["./pairlie_sice.py"]

_held_out = [f"{number:03d}" for number in range(3, 226, 8)]
# Photographed from more than one place.
_misaligned = ["114", "220"]

train_pipeline = [
    dict(type="mmagic.FixedCrop", keys=["img", "img2"], crop_size=(48, 48)),
    dict(type="mmagic.Flip", keys=["img", "img2"], flip_ratio=0.5, direction="horizontal"),
    dict(
        type="SynthesizeLowLight",
        keys=["img", "img2"],
        exposure=(0.02, 0.4),
        shot_noise=(1e-4, 2e-3),
        prob=0.8,
    ),
    dict(type="mmagic.PackInputs", keys=["img", "img2"], meta_keys=["key"]),
]
train_dataloader = dict(
    batch_size=4,
    num_workers=1,
    dataset=dict(luma_range=(40, 150), exclude=_held_out + _misaligned, pipeline=train_pipeline),
)
val_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        data_root="data/SICE_val",
        prepare="python tools/dataset_converters/prepare_exposure_pairs.py data/SICE $(seq -f %03g 3 8 225)",
    ),
)
auto_scale_lr = dict(base_batch_size=4)

# Black pixels would make the quotient of the loss, and its gradient, arbitrarily large.
model = dict(retinex_loss=dict(min_illumination=0.01))
optim_wrapper = dict(optimizer=dict(lr=2e-4))
param_scheduler = [
    dict(type="LinearLR", start_factor=0.01, by_epoch=False, begin=0, end=200),
    dict(type="CosineAnnealingLR", T_max=380, by_epoch=True, convert_to_iter_based=True),
]
# The second stage takes over before the learning rate has fallen far.
train_cfg = dict(max_epochs=120, val_interval=20)
default_hooks = dict(checkpoint=dict(interval=20), logger=dict(interval=45))
