# The paper's recipe in a tenth of its epochs.
_base_ = ["./pairlie_sice.py"]

param_scheduler = dict(milestones=[10, 20, 30])
train_cfg = dict(max_epochs=40, val_interval=5)
default_hooks = dict(checkpoint=dict(interval=5))
