# The second stage, from the weights of the first one: a tenth of the noise. With all of it, reflectance, and
# so colour and contrast, shrink towards their mean. The learning rate falls to zero.
_base_ = ["./pairlie_sice_dark_stage1.py"]

train_pipeline = [
    dict(type="mmagic.FixedCrop", keys=["img", "img2"], crop_size=(48, 48)),
    dict(type="mmagic.Flip", keys=["img", "img2"], flip_ratio=0.5, direction="horizontal"),
    dict(
        type="SynthesizeLowLight",
        keys=["img", "img2"],
        exposure=(0.02, 0.4),
        shot_noise=(1e-5, 2e-4),
        prob=0.8,
    ),
    dict(type="mmagic.PackInputs", keys=["img", "img2"], meta_keys=["key"]),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

load_from = "work_dirs/pairlie_sice_dark_stage1/epoch_120.pth"
param_scheduler = [dict(type="CosineAnnealingLR", T_max=240, by_epoch=True, convert_to_iter_based=True)]
train_cfg = dict(max_epochs=240)
