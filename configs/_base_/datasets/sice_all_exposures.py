# SICE Part 1 (Cai et al., TIP 2018), all exposures, without the scenes that the quality benchmark chooses
# by (003, 011, …) and is published on (007, 015, …). Whole photographs, reduced to 96x96: what counts as
# exposure is then a large part of the picture, not a flat piece of it. Half of them get less light and the
# noise of a sensor. Validated on the dark photographs that the benchmark chooses by:
#   python tools/dataset_converters/prepare_quality_sets.py
_base_ = ["./sice.py"]

held_out = [f"{number:03d}" for number in range(251) if number % 8 in (3, 7)]

load = dict(type="LoadImage", key="img", cache_dir="data/cache/SICE")
reduce = dict(type="mmagic.Resize", keys=["img"], scale=(96, 96), interpolation="area")
darken = dict(
    type="SynthesizeLowLight", keys=["img"], exposure=(0.01, 0.6), shot_noise=(1e-5, 2e-4), prob=0.5
)
train_pipeline = [load, reduce, darken, _base_.pack]

train_dataloader = dict(
    **_base_.in_process,
    dataset=dict(exclude=held_out, pipeline=train_pipeline),
)
val_dataloader = dict(
    dataset=dict(
        data_root="data/quality/selection/A",
        prepare="python tools/dataset_converters/prepare_quality_sets.py",
    ),
)
