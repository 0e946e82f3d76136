# Validation and test on LOL v1's 15 test pairs (Wei et al., BMVC 2018), at their own size, 600x400.
eval_pipeline = [
    dict(type="LoadImage", key="img"),
    dict(type="LoadImage", key="gt"),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type="DefaultSampler", shuffle=False),
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

val_evaluator = [dict(type="PSNR"), dict(type="SSIM")]
test_evaluator = val_evaluator
