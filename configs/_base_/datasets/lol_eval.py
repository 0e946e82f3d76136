# Validation and test on the 15 test pairs of LOL v1 (Wei et al., BMVC 2018), 600x400.
_base_ = ["./loaders.py"]

eval_pipeline = [
    dict(type="LoadImage", key="img"),
    dict(type="LoadImage", key="gt"),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

val_dataloader = dict(
    dataset=dict(
        type="LowLightDataset",
        data_root="data/LOL/eval15",
        data_prefix=dict(img="low", gt="high"),
        pipeline=eval_pipeline,
        test_mode=True,
        prepare="python tools/dataset_converters/prepare_lol.py ARCHIVE_OR_FOLDER",
    ),
)
test_dataloader = val_dataloader
