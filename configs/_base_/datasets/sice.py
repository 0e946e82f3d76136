# SICE part 1 (Cai et al., TIP 2018), all exposures, whole and reduced to 512x512, as Zero-DCE and SGZ train;
# validated on LOL.
_base_ = ["./lol.py"]

train_dataloader = dict(
    dataset=dict(
        data_root="data/SICE",
        data_prefix=dict(img=""),
        prepare="python tools/dataset_converters/prepare_sice.py ARCHIVE_OR_FOLDER",
    ),
)
