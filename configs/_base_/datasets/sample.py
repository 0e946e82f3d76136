# The sample set, generated from the photographs of scikit-image without any download: trained on its scenes
# of several exposures, validated on its pairs.
_base_ = ["./lol.py"]

_prepare = "python tools/dataset_converters/prepare_sample.py"

train_pipeline = [
    dict(type="LoadImage", key="img"),
    dict(type="mmagic.Crop", keys=["img"], crop_size=(128, 128)),
    dict(type="mmagic.Flip", keys=["img"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

train_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        data_root="data/sample/SICE", data_prefix=dict(img=""), pipeline=train_pipeline, prepare=_prepare
    ),
)
val_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(data_root="data/sample/LOL/eval15", prepare=_prepare),
)
test_dataloader = val_dataloader
