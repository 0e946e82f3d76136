# For two CPU cores, without downloads: random 224x224 crops of the photographs, 15 epochs with a larger
# learning rate (1e-3, as the original's README says; its code says 1e-4) that falls to zero, no semantic
# guidance.
_base_ = ["./sgz_sice.py"]

crop = dict(type="mmagic.Crop", keys=["img"], crop_size=(224, 224))
train_pipeline = [_base_.load, _base_.resize, crop, _base_.pack]

model = dict(semantic_loss=None)
train_dataloader = dict(num_workers=1, dataset=dict(pipeline=train_pipeline))
optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = dict(type="CosineAnnealingLR", T_max=15, by_epoch=True, convert_to_iter_based=True)
train_cfg = dict(max_epochs=15, val_interval=1)
