"""Wrong configs end a command with one line that names the setting, what was found and what is allowed.

So each entry of :mod:`mmlle.apis.config_tables` is seen at work.
"""

import re
from pathlib import Path

import mmagic
import pytest
from mmengine.config import Config
from workspace import ROOT

from mmlle.apis.config_check import ConfigError, check_config
from mmlle.cli.train import main

CONFIGS = sorted(path for path in (ROOT / "configs").rglob("*.py") if "_base_" not in path.parts)

#: What is appended to a config, and what the message must hold.
WRONG = {
    # names at the top
    "trian_cfg": ("trian_cfg = dict(max_epochs=2)", "no setting trian_cfg; did you mean train_cfg?"),
    "optim_wraper": ("optim_wraper = dict()", "did you mean optim_wrapper?"),
    "custom_hook": ("custom_hook = []", "did you mean custom_hooks?"),
    "defualt_hooks": ("defualt_hooks = dict()", "did you mean default_hooks?"),
    "modle": ("modle = dict(steps=4)", "did you mean model?"),
    "val_evalutor": ("val_evalutor = []", "did you mean val_evaluator?"),
    # missing
    "no model": ("model = None", "model is missing"),
    "no data": ("train_dataloader = None", "train_dataloader is missing"),
    "no optimiser": (
        "optim_wrapper = dict(_delete_=True, clip_grad=dict(max_norm=1))",
        "optimizer is missing",
    ),
    "no kind of optimiser": (
        "optim_wrapper = dict(optimizer=dict(_delete_=True, lr=1e-3))",
        "optim_wrapper.optimizer.type is missing",
    ),
    "a type without a name": ("model = dict(type='')", "model.type: there is no ''"),
    "no dataset": (
        "train_dataloader = dict(_delete_=True, batch_size=2, sampler=dict(type='PassSampler'))",
        "train_dataloader.dataset is missing",
    ),
    "no epochs": (
        "train_cfg = dict(_delete_=True, type='ResumableEpochLoop')",
        "train_cfg.max_epochs is missing; ResumableEpochLoop needs it",
    ),
    "no milestones": ("param_scheduler = dict(type='MultiStepLR')", "param_scheduler.milestones is missing"),
    "no size": ("train_dataloader = dict(dataset=dict(pipeline=[dict(type='CropPair')]))", "size is missing"),
    # types that do not exist
    "Adamm": ("optim_wrapper = dict(optimizer=dict(type='Adamm'))", "no 'Adamm'; did you mean Adam"),
    "a model": ("model = dict(type='ZeroDce')", "model.type: there is no 'ZeroDce'; did you mean ZeroDCE?"),
    "a network": ("model = dict(generator=dict(type='ZeroDCENett'))", "did you mean ZeroDCENet?"),
    "a loss": (
        "model = dict(color_loss=dict(type='ColourConstancyLoss'))",
        "did you mean ColorConstancyLoss?",
    ),
    "a hook": ("custom_hooks = [dict(type='EmaHook')]", "custom_hooks.0.type: there is no 'EmaHook'"),
    "a metric": ("val_evaluator = [dict(type='PSRN')]", "no 'PSRN'; did you mean PSNR?"),
    "a transform": (
        "train_dataloader = dict(dataset=dict(pipeline=[dict(type='LoadImages')]))",
        "train_dataloader.dataset.pipeline.0.type: there is no 'LoadImages'; did you mean LoadImage",
    ),
    "a loop": ("train_cfg = dict(type='ResumeableLoop')", "train_cfg.type: there is no 'ResumeableLoop'"),
    "a schedule": ("param_scheduler = dict(type='CosineLR', T_max=3)", "there is no 'CosineLR'"),
    "a sampler": ("train_dataloader = dict(sampler=dict(type='PassSampeler'))", "did you mean PassSampler?"),
    "a scope": ("default_scope = 'mmlel'", "there is no"),
    "a scope that is no name": ("default_scope = 3", "default_scope is 3 (int)"),
    "a type that is no name": ("model = dict(type=5)", "model.type is 5 (int); it takes the name of a class"),
    "another kind": ("optim_wrapper = dict(optimizer=dict(type='PSNR'))", "there is no 'PSNR'"),
    # misspelt arguments
    "widht": ("model = dict(generator=dict(widht=8))", "no such argument; did you mean width?"),
    "loss_wieght": ("model = dict(color_loss=dict(loss_wieght=5))", "did you mean loss_weight?"),
    "step": ("model = dict(step=4)", "model.step: ZeroDCE has no such argument; did you mean steps?"),
    "max_epoch": ("train_cfg = dict(max_epoch=4)", "did you mean max_epochs?"),
    "learning_rate": ("optim_wrapper = dict(optimizer=dict(learning_rate=1))", "it takes lr, betas"),
    "intervall": ("default_hooks = dict(checkpoint=dict(intervall=1))", "did you mean interval?"),
    "batchsize": ("train_dataloader = dict(batchsize=4)", "did you mean batch_size?"),
    "data_rot": ("train_dataloader = dict(dataset=dict(data_rot='x'))", "did you mean data_root?"),
    "sead": (
        "randomness = dict(sead=1)",
        "randomness.sead: randomness has no such argument; did you mean seed?",
    ),
    "max_nrm": ("optim_wrapper = dict(clip_grad=dict(_delete_=True, max_nrm=1))", "did you mean max_norm?"),
    "prefix": (
        "train_dataloader = dict(dataset=dict(data_prefix=dict(igm='')))",
        "data_prefix names igm; LowLightDataset has img, gt",
    ),
    # wrong types of values
    "steps": ("model = dict(steps='eight')", "model.steps is 'eight' (str); ZeroDCE takes int"),
    "width": (
        "model = dict(generator=dict(width='8'))",
        "generator.width is '8' (str); ZeroDCENet takes int",
    ),
    "half a width": ("model = dict(generator=dict(width=8.5))", "width is 8.5 (float); ZeroDCENet takes int"),
    "loss_weight": ("model = dict(color_loss=dict(loss_weight='big'))", "loss_weight is 'big' (str)"),
    "lr": ("optim_wrapper = dict(optimizer=dict(lr='1e-3'))", "optim_wrapper.optimizer.lr is '1e-3' (str)"),
    "betas": ("optim_wrapper = dict(optimizer=dict(betas=0.9))", "optimizer.betas is 0.9 (float)"),
    "gamma": ("param_scheduler = dict(type='ExponentialLR', gamma='0.5')", "gamma is '0.5' (str)"),
    "milestones": ("param_scheduler = dict(type='MultiStepLR', milestones=7)", "milestones is 7 (int)"),
    "seed": (
        "randomness = dict(seed='zero')",
        "randomness.seed is 'zero' (str); randomness takes int or None",
    ),
    "batch_size": ("train_dataloader = dict(batch_size='2')", "train_dataloader.batch_size is '2' (str)"),
    "num_workers": ("train_dataloader = dict(num_workers=0.5)", "num_workers is 0.5 (float)"),
    "max_epochs": ("train_cfg = dict(max_epochs='10')", "train_cfg.max_epochs is '10' (str)"),
    "hooks as text": ("custom_hooks = 'EMAHook'", "custom_hooks is 'EMAHook' (str); it takes list"),
    "a loss as text": (
        "model = dict(color_loss='ColorConstancyLoss')",
        "color_loss is 'ColorConstancyLoss' (str)",
    ),
    "a network as list": ("model = dict(generator=[4])", "model.generator is [4] (list); ZeroDCE takes dict"),
    "a model as text": ("model = 'ZeroDCE'", "model is 'ZeroDCE' (str)"),
    "a pipeline of names": (
        "train_dataloader = dict(dataset=dict(pipeline=['LoadImage']))",
        "pipeline is ['LoadImage'] (list)",
    ),
    "a loader as list": ("train_dataloader = [1]", "train_dataloader is [1] (list)"),
    "flag": ("randomness = dict(seed=0, deterministic='yes')", "deterministic is 'yes' (str)"),
    "resume": ("resume = 'latest'", "resume is 'latest' (str); it takes bool"),
    "flip_ratio": (
        "train_dataloader = dict(dataset=dict(pipeline=[dict(type='mmagic.Flip', keys=['img'], "
        "flip_ratio='often')]))",
        "flip_ratio is 'often' (str)",
    ),
    # values
    "max_epochs=0": ("train_cfg = dict(max_epochs=0)", "train_cfg.max_epochs is 0; it must be at least 1"),
    "val_interval=0": ("train_cfg = dict(val_interval=0)", "train_cfg.val_interval is 0; it must be"),
    "batch_size=0": ("train_dataloader = dict(batch_size=0)", "batch_size is 0; it must be at least 1"),
    "num_workers=-1": ("train_dataloader = dict(num_workers=-1)", "num_workers is -1; it must be at least 0"),
    "steps=0": ("model = dict(steps=0)", "model.steps is 0; it must be at least 1"),
    "width=-4": ("model = dict(generator=dict(width=-4))", "width is -4; it must be at least 1"),
    "endless epochs": (
        "train_dataloader = dict(sampler=dict(type='InfiniteSampler'))",
        "train_dataloader.sampler is InfiniteSampler, with which an epoch never ends; take DefaultSampler",
    ),
    "endless validation": (
        "val_dataloader = dict(sampler=dict(type='InfiniteSampler'))",
        "val_dataloader.sampler is InfiniteSampler, with which the loop never ends",
    ),
    # what the classes refuse when they are built
    "lr=-1": (
        "optim_wrapper = dict(optimizer=dict(lr=-1.0))",
        "Adam cannot be built with the settings of the",
    ),
    "norm": ("model = dict(exposure_loss=dict(norm='l7'))", "l7"),
    "a loss without network": ("model = dict(_delete_=True, type='ZeroDCE')", "ZeroDCE cannot be built"),
    "rule": ("default_hooks = dict(checkpoint=dict(rule='best'))", "best"),
    "loop without validation": ("val_evaluator = None", "val_evaluator"),
    # what the first image tells
    "a key that is not there": (
        "train_dataloader = dict(dataset=dict(data_root='data/train', pipeline=[_pipeline[0], "
        "dict(type='mmagic.Flip', keys=['image'], flip_ratio=1.0)]))",
        "train_dataloader.dataset.pipeline.1 (Flip) fails on data/train/0.png: KeyError: 'image'",
    ),
    "a crop larger than the image": (
        "train_dataloader = dict(dataset=dict(data_root='data/train', pipeline=[_pipeline[0], "
        "dict(type='mmagic.Crop', keys=['img'], crop_size=(64, 64)), _pipeline[1]]))",
        "pipeline.1 (Crop) cuts 64x64 out of data/train/0.png, which has 32x40",
    ),
    "a fixed crop larger than the image": (
        "train_dataloader = dict(dataset=dict(data_root='data/train', pipeline=[_pipeline[0], "
        "dict(type='mmagic.FixedCrop', keys=['img'], crop_size=(33, 40)), _pipeline[1]]))",
        "pipeline.1 (FixedCrop) cuts 33x40 out of data/train/0.png, which has 32x40",
    ),
    # files that are no configs
    "syntax": ("model = dict(", "cannot be read: "),
    "a name that is not there": ("model = dict(steps=many)", "NameError: name 'many' is not defined"),
    "an import that fails": ("import no_such_package", "No module named 'no_such_package'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_config_is_one_line(workspace, stopped, name):
    text, expected = WRONG[name]
    with (workspace.folder / "config.py").open("a") as file:
        file.write(f"\n{text}\n")
    message = stopped(main, ["config.py"])
    assert message.startswith("Error: ")
    assert expected in message
    assert "\n" not in message
    assert len(message) < 1000
    assert not [path for path in workspace.files() if path.endswith("epoch_1.pth")]


def test_several_are_told_at_once():
    with pytest.raises(ConfigError, match=r"model\.steps .*; model\.widht: .*no such argument"):
        check_config(
            Config(dict(default_scope="mmlle", model=dict(type="ZeroDCE", steps="x", widht=8))), ("model",)
        )


def test_what_is_not_used_is_not_looked_at():
    config = Config(dict(default_scope="mmlle", model=dict(type="ZeroDCE"), train_cfg=3))
    check_config(config, ("model",), ignored=["train_cfg"])
    with pytest.raises(ConfigError, match="train_cfg is 3"):
        check_config(config)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_no_config_of_ours_is_refused(path):
    check_config(Config.fromfile(path), ("model", "train_dataloader", "train_cfg", "optim_wrapper"))


@pytest.mark.slow
def test_nor_one_of_mmagic_s_that_mmengine_can_build():
    """Some of them cannot be built: they name models that are not there, or lack a sampler."""
    folder = Path(mmagic.__file__).parent / ".mim/configs"
    files = [path for path in folder.rglob("*.py") if "_base_" not in path.parts]
    assert len(files) > 200
    refused = {}
    for path in files:
        config = Config.fromfile(path)
        try:
            check_config(config, ("model",))
        except ConfigError as error:
            refused[path.relative_to(folder).as_posix()] = str(error)
    for name, message in list(refused.items()):
        if re.search(r"model\.type: there is no|sampler is missing", message):
            del refused[name]
    assert list(refused) == ["fastcomposer/fastcomposer_8xb16_FFHQ.py"]  # epochs for a loop of iterations
