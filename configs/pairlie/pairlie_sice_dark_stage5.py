# The fifth stage, from the weights of the fourth one: the same, while the learning rate falls to zero.
_base_ = ["./pairlie_sice_dark_stage4.py"]

load_from = "work_dirs/pairlie_sice_dark_stage4/epoch_20.pth"
param_scheduler = [dict(type="CosineAnnealingLR", T_max=25, by_epoch=True, convert_to_iter_based=True)]
train_cfg = dict(max_epochs=25, val_interval=5)
default_hooks = dict(checkpoint=dict(interval=5))
