# Super-resolution on the sample set, which is generated from photographs of scikit-image without any
# download, crops of 64x64.
_base_ = ["./super_resolution.py"]

prepare = "python tools/dataset_converters/prepare_sample.py"

crop = dict(type="CropPair", size=16, scale=4)
train_pipeline = [_base_.load, _base_.make_low_resolution, crop, _base_.flip_horizontally, _base_.pack]

train_dataloader = dict(
    **_base_.in_process,
    dataset=dict(data_root="data/sample/SR/train", pipeline=train_pipeline, prepare=prepare),
)
val_dataloader = dict(**_base_.in_process, dataset=dict(data_root="data/sample/SR/val", prepare=prepare))
test_dataloader = val_dataloader
