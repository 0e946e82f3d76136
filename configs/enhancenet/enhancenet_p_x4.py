# ENet-P: features of a classifier.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/super_resolution.py",
    "../_base_/models/enhancenet.py",
    "../_base_/schedules/enhancenet_20e.py",
    "../_base_/protocols/sr_y.py",
]

model = dict(perceptual_loss=_base_.perceptual_loss)
train_dataloader = dict(batch_size=16)
