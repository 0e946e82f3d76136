# PairLIE for one CPU core, in a single training from nothing: frames of all brightnesses (a reflectance
# network that sees dark frames alone shifts the hue of ordinary photographs), about half of them darkened
# each by itself, 48x48 crops, illumination with some light in black and room above white, averaged weights.
# Without the scenes that the quality benchmark measures on, and validated on the dark ones that it chooses
# by (prepare_quality_sets.py).
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sice_pairs.py",
    "../_base_/models/pairlie.py",
    "../_base_/schedules/pairlie_400e.py",
    "../_base_/protocols/lol_rgb.py",
]

held_out = [f"{number:03d}" for number in range(251) if number % 8 in (3, 7)]
# Photographed from more than one place.
misaligned = ["114", "220"]

crop = dict(type="mmagic.FixedCrop", keys=["img", "img2"], crop_size=(48, 48))
flip = dict(type="mmagic.Flip", keys=["img", "img2"], flip_ratio=0.5, direction="horizontal")
darken = dict(type="SynthesizeLowLight", exposure=(0.02, 0.6), shot_noise=(1e-5, 2e-4))
train_pipeline = [
    crop,
    flip,
    dict(darken, keys=["img"], prob=0.5),
    dict(darken, keys=["img2"], prob=0.4),
    _base_.pack,
]
train_dataloader = dict(
    batch_size=4,
    **_base_.in_process,
    dataset=dict(luma_range=(15, 170), exclude=held_out + misaligned, pipeline=train_pipeline),
)
val_dataloader = dict(
    dataset=dict(
        data_root="data/quality/selection/A",
        prepare="python tools/dataset_converters/prepare_quality_sets.py",
    ),
)

model = dict(
    generator=dict(init_cfg=dict(type="PassThrough")),
    # With more of it all greys have one reflectance, and contrast is lost.
    consistency_loss=dict(loss_weight=0.25),
    # Black pixels would make the quotient of the loss, and its gradient, arbitrarily large.
    retinex_loss=dict(min_illumination=0.01, ambient=0.04, headroom=0.1),
    # The illumination of black makes dark parts darker, and this brighter again.
    gamma=0.11,
)
auto_scale_lr = dict(base_batch_size=4)
optim_wrapper = dict(optimizer=dict(lr=8e-4))
param_scheduler = [
    dict(type="LinearLR", start_factor=0.01, by_epoch=False, begin=0, end=100),
    dict(type="CosineAnnealingLR", T_max=140, by_epoch=True, convert_to_iter_based=True),
]
train_cfg = dict(max_epochs=140, val_interval=20)
default_hooks = dict(checkpoint=dict(interval=20))
custom_hooks = [dict(type="GeneratorEMAHook", momentum=0.002)]
