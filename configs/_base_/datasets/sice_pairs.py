# Pairs of exposures of the scenes of SICE part 1 (Cai et al., TIP 2018), the same 128x128 crop of both;
# validated on LOL.
_base_ = ["./lol_eval.py"]

train_pipeline = [
    dict(type="mmagic.FixedCrop", keys=["img", "img2"], crop_size=(128, 128)),
    dict(type="mmagic.PackInputs", keys=["img", "img2"], meta_keys=["key"]),
]

train_dataloader = dict(
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type="PassSampler", shuffle=True),
    dataset=dict(
        type="MultiExposureDataset",
        data_root="data/SICE",
        # Frames that are dark, but not black.
        luma_range=(15, 90),
        cache_dir="data/cache/SICE",
        pipeline=train_pipeline,
        prepare="python tools/dataset_converters/prepare_sice.py ARCHIVE_OR_FOLDER",
    ),
)
