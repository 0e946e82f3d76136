# SICE Part 1 (Cai et al., TIP 2018), all exposures, whole and resized to 512x512, as SGZ trains; validated on
# LOL.
_base_ = ["./lol.py"]

train_dataloader = dict(
    dataset=dict(
        data_root="data/SICE",
        data_prefix=dict(img=""),
        prepare="python tools/dataset_converters/prepare_sice.py ARCHIVE_OR_FOLDER",
    ),
)
