# Low-light photographs and well-lit ones of other scenes, random crops of 320x320; validated on LOL.
_base_ = ["./lol_eval.py"]

load = [dict(type="LoadImage", key="img"), dict(type="LoadImage", key="normal")]
pad = dict(type="PadToSize", keys=["img", "normal"], size=(320, 320))
# Each image separately: they are different photographs.
crop = [
    dict(type="mmagic.Crop", keys=["img"], crop_size=(320, 320)),
    dict(type="mmagic.Crop", keys=["normal"], crop_size=(320, 320)),
]
flip_horizontally = [
    dict(type="mmagic.Flip", keys=["img"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.Flip", keys=["normal"], flip_ratio=0.5, direction="horizontal"),
]
flip_vertically = [
    dict(type="mmagic.Flip", keys=["img"], flip_ratio=0.5, direction="vertical"),
    dict(type="mmagic.Flip", keys=["normal"], flip_ratio=0.5, direction="vertical"),
]
darken = dict(type="RandomDarken", key="img", to="darkened", probability=0.5, factors=(2, 4))
pack = dict(type="mmagic.PackInputs", keys=["img", "darkened", "normal"], meta_keys=["key"])
train_pipeline = [*load, pad, *crop, *flip_horizontally, *flip_vertically, darken, pack]

train_dataloader = dict(
    dataset=dict(
        type="UnpairedLowLightDataset",
        data_root="data/unpaired",
        data_prefix=dict(img="low", normal="normal"),
        pipeline=train_pipeline,
        prepare="python tools/dataset_converters/prepare_unpaired.py FOLDER",
    ),
)
