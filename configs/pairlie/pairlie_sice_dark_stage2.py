# The second stage, from the weights of the first one: a tenth of the noise. With all of it, reflectance, and
# so colour and contrast, shrink towards their mean. The learning rate falls to zero.
_base_ = ["./pairlie_sice_dark_stage1.py"]

# SynthesizeLowLight
train_pipeline = _base_.train_pipeline
train_pipeline[2].update(shot_noise=(1e-5, 2e-4))
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

load_from = "work_dirs/pairlie_sice_dark_stage1/epoch_120.pth"
param_scheduler = [dict(type="CosineAnnealingLR", T_max=240, by_epoch=True, convert_to_iter_based=True)]
train_cfg = dict(max_epochs=240)
