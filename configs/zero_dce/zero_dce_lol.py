# Zero-DCE on LOL.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/lol.py",
    "../_base_/models/zero_dce.py",
    "../_base_/schedules/zero_dce_200e.py",
    "../_base_/protocols/lol_rgb.py",
]

# The size of the authors' code; the paper says 512x512.
resize = dict(_base_.resize, scale=(256, 256))
train_pipeline = [_base_.load, resize, _base_.pack]

train_dataloader = dict(batch_size=8, dataset=dict(pipeline=train_pipeline))
