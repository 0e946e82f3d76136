# Super-resolution from the 200 training photographs of BSDS500 (Arbelaez et al., TPAMI 2011), of which the
# last ten are held out for validation; tested on Set5. BSDS500's folder val holds BSD100, a test set: never
# train on it.
_base_ = ["./super_resolution.py"]

load = dict(type="LoadImage", key="gt", cache_dir="data/cache/BSDS500")
flip_vertically = dict(type="mmagic.Flip", keys=["img", "gt"], flip_ratio=0.5, direction="vertical")
transpose = dict(type="mmagic.RandomTransposeHW", keys=["img", "gt"], transpose_ratio=0.5)
augment = [_base_.flip_horizontally, flip_vertically, transpose]
train_pipeline = [load, _base_.make_low_resolution, _base_.crop, *augment, _base_.pack]

bsds500 = dict(data_root="data/BSDS500/train", prepare=None)
train_dataloader = dict(**_base_.in_process, dataset=dict(bsds500, indices=190, pipeline=train_pipeline))
val_dataloader = dict(**_base_.in_process, dataset=dict(bsds500, indices=-10))
test_dataloader = dict(**_base_.in_process, dataset=dict(data_root="data/Set5", prepare=None))
