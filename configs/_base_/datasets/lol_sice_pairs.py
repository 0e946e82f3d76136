# Pairs of exposures of scenes of LOL and of SICE Part 1 together, as the authors of PairLIE train; validated
# on LOL.
_base_ = ["./sice_pairs.py"]

lol = dict(
    type="MultiExposureDataset",
    data_root="data/LOL_scenes",
    cache_dir="data/cache/LOL_scenes",
    pipeline=_base_.train_pipeline,
    prepare="python tools/dataset_converters/prepare_lol_scenes.py data/LOL --link",
)
sice = _base_.train_dataloader.dataset
train_dataloader = dict(dataset=dict(_delete_=True, type="ConcatDataset", datasets=[lol, sice]))
