# Low-light and well-lit photographs that do not belong together, random crops of 320x320; validated on LOL.
_base_ = ["./lol_eval.py"]

_crop = (320, 320)
train_pipeline = [
    dict(type="LoadImage", key="img"),
    dict(type="LoadImage", key="normal"),
    # Each by itself: they are different photographs.
    dict(type="PadToSize", keys=["img", "normal"], size=_crop),
    dict(type="mmagic.Crop", keys=["img"], crop_size=_crop),
    dict(type="mmagic.Crop", keys=["normal"], crop_size=_crop),
    dict(type="mmagic.Flip", keys=["img"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.Flip", keys=["normal"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.Flip", keys=["img"], flip_ratio=0.5, direction="vertical"),
    dict(type="mmagic.Flip", keys=["normal"], flip_ratio=0.5, direction="vertical"),
    dict(type="RandomDarken", key="img", to="darkened", probability=0.5, factors=(2, 4)),
    dict(type="mmagic.PackInputs", keys=["img", "darkened", "normal"], meta_keys=["key"]),
]

train_dataloader = dict(
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type="PassSampler", shuffle=True),
    dataset=dict(
        type="UnpairedLowLightDataset",
        data_root="data/unpaired",
        data_prefix=dict(img="low", normal="normal"),
        pipeline=train_pipeline,
        prepare="python tools/dataset_converters/prepare_unpaired.py FOLDER",
    ),
)

# Colour and detail are what users miss most.
val_evaluator = [dict(type="PSNR"), dict(type="SSIM"), dict(type="DeltaE"), dict(type="GradientCorrelation")]
test_evaluator = val_evaluator
