# LOL v1 (Wei et al., BMVC 2018): trained on the 485 low-light images of our485, whole and reduced to 512x512.
_base_ = ["./lol_eval.py"]

train_pipeline = [
    dict(type="LoadImage", key="img"),
    dict(
        type="mmagic.Resize",
        keys=["img"],
        scale=(512, 512),
        interpolation="lanczos",
        backend="pillow",
    ),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

train_dataloader = dict(
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type="PassSampler", shuffle=True),
    dataset=dict(
        type="LowLightDataset",
        data_root="data/LOL/our485",
        data_prefix=dict(img="low"),
        pipeline=train_pipeline,
        prepare="python tools/dataset_converters/prepare_lol.py ARCHIVE_OR_FOLDER",
    ),
)
