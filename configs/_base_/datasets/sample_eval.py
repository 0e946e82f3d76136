# Validation and test on the five test pairs of the sample set, which is generated from photographs of
# scikit-image without any download.
_base_ = ["./lol_eval.py"]

prepare = "python tools/dataset_converters/prepare_sample.py"

train_dataloader = _base_.in_process
val_dataloader = dict(**_base_.in_process, dataset=dict(data_root="data/sample/LOL/eval15", prepare=prepare))
test_dataloader = val_dataloader
