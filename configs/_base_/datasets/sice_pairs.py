# Pairs of exposures of the scenes of SICE Part 1 (Cai et al., TIP 2018), both cropped alike to 128x128;
# validated on LOL.
_base_ = ["./lol_eval.py"]

crop = dict(type="mmagic.FixedCrop", keys=["img", "img2"], crop_size=(128, 128))
pack = dict(type="mmagic.PackInputs", keys=["img", "img2"], meta_keys=["key"])
train_pipeline = [crop, pack]

train_dataloader = dict(
    num_workers=2,
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
