# SICE Part 1 (Cai et al., TIP 2018), all exposures, without the scenes that the quality benchmark chooses
# by (003, 011, …) and is published on (007, 015, …); small crops, half of them with less light and the noise
# of a sensor. Validated on the dark photographs that the benchmark chooses by:
#   python tools/dataset_converters/prepare_quality_sets.py
_base_ = ["./sice.py"]

held_out = [f"{number:03d}" for number in range(251) if number % 8 in (3, 7)]

load = dict(type="LoadImage", key="img", cache_dir="data/cache/SICE")
crop = dict(type="mmagic.Crop", keys=["img"], crop_size=(64, 64))
darken = dict(
    type="SynthesizeLowLight", keys=["img"], exposure=(0.01, 0.6), shot_noise=(1e-5, 2e-4), prob=0.5
)
train_pipeline = [load, crop, darken, _base_.pack]

train_dataloader = dict(
    batch_size=8, **_base_.in_process, dataset=dict(exclude=held_out, pipeline=train_pipeline)
)
val_dataloader = dict(
    dataset=dict(
        data_root="data/quality/selection/A",
        prepare="python tools/dataset_converters/prepare_quality_sets.py",
    ),
)
