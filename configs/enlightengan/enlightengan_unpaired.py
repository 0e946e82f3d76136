# EnlightenGAN: the recipe of the authors' code.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/unpaired.py",
    "../_base_/models/enlightengan.py",
    "../_base_/schedules/enlightengan_200e.py",
    "../_base_/protocols/lol_rgb_color_detail.py",
]

train_dataloader = dict(batch_size=32)
