# A schedule for two CPU cores without downloads: random 192x192 crops of the photographs reduced to 384x384,
# 20 epochs, no semantic guidance.
_base_ = ["./sgz_sice.py"]

train_pipeline = [
    dict(type="LoadImage", key="img"),
    dict(
        type="mmagic.Resize",
        keys=["img"],
        scale=(384, 384),
        interpolation="lanczos",
        backend="pillow",
    ),
    dict(type="mmagic.Crop", keys=["img"], crop_size=(192, 192)),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

model = dict(semantic_loss=None)
train_dataloader = dict(num_workers=1, dataset=dict(pipeline=train_pipeline))
train_cfg = dict(max_epochs=20, val_interval=2)
