# The third stage, from the weights of the second one: not darker than 0.05 of the light, below which 8 bits
# leave little of reflectance, and half the noise.
_base_ = ["./pairlie_sice_dark_stage2.py"]

# SynthesizeLowLight
train_pipeline = _base_.train_pipeline
train_pipeline[2].update(exposure=(0.05, 0.5), shot_noise=(1e-5, 1e-4))
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

load_from = "work_dirs/pairlie_sice_dark_stage2/epoch_240.pth"
optim_wrapper = dict(optimizer=dict(lr=1e-4))
param_scheduler = [dict(type="CosineAnnealingLR", T_max=60, by_epoch=True, convert_to_iter_based=True)]
train_cfg = dict(max_epochs=60)
