# Pairs of exposures of the sample set's scenes, both cropped alike to 48x48.
_base_ = ["./sample_eval.py"]

crop = dict(type="mmagic.FixedCrop", keys=["img", "img2"], crop_size=(48, 48))
flip = dict(type="mmagic.Flip", keys=["img", "img2"], flip_ratio=0.5, direction="horizontal")
pack = dict(type="mmagic.PackInputs", keys=["img", "img2"], meta_keys=["key"])
train_pipeline = [crop, flip, pack]

train_dataloader = dict(
    dataset=dict(
        type="MultiExposureDataset",
        data_root="data/sample/SICE",
        pipeline=train_pipeline,
        prepare=_base_.prepare,
    ),
)
