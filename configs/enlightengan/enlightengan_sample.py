# A short training on a CPU, without downloads: the sample set of tools/dataset_converters/prepare_sample.py,
# small networks, random features.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/unpaired.py",
    "../_base_/models/enlightengan.py",
]
