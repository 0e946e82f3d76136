# Two minutes on a CPU, without downloads: the sample set of tools/dataset_converters/prepare_sample.py.
_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sample.py",
    "../_base_/models/zero_dce.py",
]
