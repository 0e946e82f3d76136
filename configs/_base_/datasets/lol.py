# LOL v1 (Wei et al., BMVC 2018): trained on the 485 low-light images of our485, whole and resized to 512x512.
_base_ = ["./lol_eval.py"]

load = dict(type="LoadImage", key="img")
resize = dict(type="mmagic.Resize", keys=["img"], scale=(512, 512), interpolation="lanczos", backend="pillow")
pack = dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"])
train_pipeline = [load, resize, pack]

train_dataloader = dict(
    dataset=dict(
        type="LowLightDataset",
        data_root="data/LOL/our485",
        data_prefix=dict(img="low"),
        pipeline=train_pipeline,
        prepare="python tools/dataset_converters/prepare_lol.py ARCHIVE_OR_FOLDER",
    ),
)
