# The fourth stage, from the weights of the third one: the paper's frames, darker, and an illumination four
# times as smooth, which leaves the contrast to the reflectance.
_base_ = ["./pairlie_sice_dark_stage3.py"]

# SynthesizeLowLight
train_pipeline = _base_.train_pipeline
train_pipeline[2].update(exposure=(0.02, 0.4), prob=0.9)
train_dataloader = dict(dataset=dict(luma_range=(15, 90), pipeline=train_pipeline))

model = dict(retinex_loss=dict(smoothness_weight=4))
load_from = "work_dirs/pairlie_sice_dark_stage3/epoch_60.pth"
optim_wrapper = dict(optimizer=dict(lr=2e-4))
param_scheduler = [dict(type="CosineAnnealingLR", T_max=80, by_epoch=True, convert_to_iter_based=True)]
# The fifth stage takes over before the learning rate has fallen far.
train_cfg = dict(max_epochs=20, val_interval=10)
