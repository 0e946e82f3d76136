import re
import socket
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.evaluator import BaseMetric
from mmengine.optim import OptimWrapperDict, build_optim_wrapper
from mmengine.registry import PARAM_SCHEDULERS, DefaultScope
from mmengine.utils import is_seq_of

from mmlle.media.image_io import write_image
from mmlle.models import BaseEnhancer
from mmlle.registry import DATA_SAMPLERS, DATASETS, HOOKS, LOOPS, METRICS, MODELS, TRANSFORMS
from mmlle.testing import dark_image

ROOT = Path(__file__).resolve().parents[1]
CONFIGS = sorted(path for path in (ROOT / "configs").rglob("*.py") if "_base_" not in path.parts)
NAMES = [path.relative_to(ROOT / "configs").as_posix() for path in CONFIGS]
#: Where the configs look for data sets that are put there by hand.
SETS = ("data/BSDS500/train", "data/Set5", "data/ImageNet/val")
#: What a base config of each folder is for; the fifth base of a config is default_runtime.py.
KEYS = dict(
    datasets={"train_dataloader", "val_dataloader", "test_dataloader"},
    models={"model"},
    schedules={
        *("optim_wrapper", "param_scheduler", "auto_scale_lr", "model_wrapper_cfg"),
        *("train_cfg", "val_cfg", "test_cfg"),
    },
    protocols={"protocol", "val_evaluator", "test_evaluator"},
)
METAFILES = sorted((ROOT / "configs").rglob("metafile.yml"))


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """Nothing may be downloaded."""

    def refuse(*arguments):
        raise AssertionError(f"a connection to {arguments[-1]} was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(params=CONFIGS, ids=NAMES)
def config(request):
    with DefaultScope.overwrite_default_scope("mmlle"):
        yield Config.fromfile(request.param)


def loaders(config):
    return {name: config[f"{name}_dataloader"] for name in ("train", "val", "test")}


def datasets(config):
    """The data sets of each loader, those that a ConcatDataset joins one by one."""
    for name, loader in loaders(config).items():
        for dataset in loader.dataset.get("datasets", [loader.dataset]):
            yield name, dataset


def test_there_are_configs():
    assert {
        "pairlie/pairlie_lol_sice.py",
        "pairlie/pairlie_sice.py",
        "enlightengan/enlightengan_stable_unpaired.py",
        "enlightengan/enlightengan_unpaired.py",
        "sgz/sgz_lol.py",
        "sgz/sgz_sice.py",
        "zero_dce/zero_dce_lol.py",
        "zero_dce/zero_dce_sice.py",
        *(f"enhancenet/enhancenet_{losses}_x4.py" for losses in ("e", "p", "ea", "pa", "eat", "pat")),
    } <= set(NAMES)
    assert {path.parent.name for path in CONFIGS} <= {
        Path(name).stem.removesuffix("_sample") for name in NAMES if name.endswith("_sample.py")
    }


def bases(path):
    """The files in _base_ that a config names, or else those of the config that it inherits."""
    found = re.search(r"^_base_ = (\[.*?\])", path.read_text(), re.MULTILINE | re.DOTALL)
    files = [(path.parent / name).resolve() for name in re.findall(r'"(.+?)"', found[1])]
    if "_base_" in files[0].parts:
        return [file.relative_to(ROOT / "configs/_base_").as_posix() for file in files]
    (parent,) = files
    return bases(parent)


@pytest.mark.parametrize("path", CONFIGS, ids=NAMES)
def test_a_config_is_made_of_runtime_data_model_schedule_and_protocol(path):
    runtime, *others = bases(path)
    assert runtime == "default_runtime.py"
    assert [Path(name).parent.as_posix() for name in others] == list(KEYS)


@pytest.mark.parametrize("folder", KEYS)
def test_a_base_config_holds_what_its_folder_is_for_and_nothing_else(folder):
    everything = set().union(*KEYS.values(), Config.fromfile(ROOT / "configs/_base_/default_runtime.py"))
    files = sorted((ROOT / "configs/_base_" / folder).glob("*.py"))
    assert files
    for file in files:
        assert everything & set(Config.fromfile(file)) <= KEYS[folder], file.name


@pytest.mark.parametrize("path", sorted((ROOT / "configs").rglob("*.py")), ids=lambda path: path.stem)
def test_pipelines_are_made_of_named_parts_not_changed_by_position(path):
    assert not re.findall(r"pipeline\[\s*-?\d", path.read_text())


def test_the_model_builds_and_enhances(config):
    model = MODELS.build(config.model)
    assert isinstance(model, BaseEnhancer)
    with torch.no_grad():
        assert model(torch.rand(1, 3, 20, 25)).shape == (1, 3, 20 * model.scale, 25 * model.scale)


def test_the_optimiser_and_the_loops_build(config):
    model = MODELS.build(config.model)
    wrapper = build_optim_wrapper(model, config.optim_wrapper)
    wrappers = wrapper.values() if isinstance(wrapper, OptimWrapperDict) else [wrapper]
    trained = {id(p) for each in wrappers for group in each.param_groups for p in group["params"]}
    assert trained == {id(p) for p in model.parameters()}
    assert LOOPS.get(config.train_cfg.type) is not None
    assert config.auto_scale_lr.base_batch_size == config.train_dataloader.batch_size
    for hook in [*config.default_hooks.values(), *config.get("custom_hooks", [])]:
        assert HOOKS.build(hook) is not None


def test_the_data_sets_build_and_say_how_to_get_the_data(config):
    for name, dataset in datasets(config):
        assert DATASETS.build({**dataset, "lazy_init": True}).test_mode is (name != "train")
        if dataset.prepare is None:
            assert dataset.data_root in SETS
        else:
            command, script, *_ = dataset.prepare.split()
            assert command == "python"
            assert (ROOT / script).is_file()
    for loader in loaders(config).values():
        assert DATA_SAMPLERS.get(loader.sampler.type) is not None


def test_the_pipelines_turn_a_file_into_a_sample(config, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where caches are made
    image = dark_image(272, 280)
    write_image(tmp_path / "x.png", image)
    for name, dataset in datasets(config):
        pipeline = Compose([TRANSFORMS.build(step) for step in dataset.pipeline])
        # Some data sets give paths, others images.
        path = str(tmp_path / "x.png")
        sample = dict(img_path=path, gt_path=path, normal_path=path, key="x")
        packed = pipeline(dict(sample, img=image.copy(), img2=image.copy()))
        inputs = packed["inputs"]
        images = inputs if isinstance(inputs, dict) else dict(img=inputs)
        assert images["img"].dtype == torch.uint8
        assert images["img"].shape[0] == 3
        assert len({tensor.shape for tensor in images.values()}) == 1
        assert packed["data_samples"].key == "x"
        assert packed["data_samples"].img_path.endswith("x.png")
        if name != "train":
            height, width = packed["inputs"].shape[1:]
            scale = MODELS.get(config.model.type).scale
            assert packed["data_samples"].gt_img.shape == (3, scale * height, scale * width)
            assert (scale * height, scale * width) in [(272, 280), (224, 224)]


def test_the_best_checkpoint_is_that_of_a_metric_of_the_validation(config):
    checkpoint = config.default_hooks.checkpoint
    assert checkpoint.save_best in [metric.type for metric in config.val_evaluator]
    # Of all our metrics but DeltaE more is better.
    assert (checkpoint.save_best, checkpoint.rule) == ("PSNR", "greater")


def test_every_training_is_guarded_and_logs_its_gradient(config):
    hooks = {hook.type.removeprefix("mmlle.") for hook in config.default_hooks.values()}
    assert {"NaNGuardHook", "GradNormHook"} <= hooks


def test_the_metrics_build(config):
    for evaluator in (config.val_evaluator, config.test_evaluator):
        assert is_seq_of([METRICS.build(metric) for metric in evaluator], BaseMetric)


def test_no_config_takes_the_mean_of_the_ground_truth(config):
    for metric in [*config.val_evaluator, *config.test_evaluator]:
        assert not metric.get("gt_mean")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "configs/_base_/protocols").glob("*.py")), ids=lambda path: path.stem
)
def test_a_protocol_has_its_name_its_source_and_metrics_that_build(path):
    with DefaultScope.overwrite_default_scope("mmlle"):
        protocol = Config.fromfile(path)
        metrics = [METRICS.build(metric) for metric in protocol.test_evaluator]
    assert protocol.protocol == path.stem
    header = path.read_text().partition("protocol = ")[0]
    assert header.startswith("# ")
    assert re.search(r"et\s.*al\.[^.]*(19|20)\d\d", header.replace("# ", ""), re.DOTALL), (
        "name the paper, with its year, in the first comment"
    )
    marked = [metric for metric in metrics if metric.options.get("gt_mean")]
    assert bool(marked) is path.stem.endswith("_gtmean")
    assert all(metric.name.endswith("_gtmean") for metric in marked)
    # A training is never chosen by them.
    assert not any(metric.get("gt_mean") for metric in protocol.val_evaluator)


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("_sample.py")])
def test_the_sample_configs_need_no_download(name):
    config = Config.fromfile(ROOT / "configs" / name)
    assert config.model.get("semantic_loss") is None
    for _, dataset in datasets(config):
        assert dataset.data_root.startswith("data/sample/")


def test_the_recipes_are_those_of_the_original_code():
    sgz = Config.fromfile(ROOT / "configs/sgz/sgz_sice.py")
    assert sgz.train_dataloader.batch_size == 6
    assert sgz.train_cfg.max_epochs == 100
    weights = {name: loss.loss_weight for name, loss in sgz.model.items() if name.endswith("_loss")}
    assert weights == dict(
        spatial_loss=1, color_loss=5, exposure_loss=10, smoothness_loss=1600, semantic_loss=0.1
    )
    zero_dce = Config.fromfile(ROOT / "configs/zero_dce/zero_dce_sice.py")
    assert zero_dce.train_dataloader.batch_size == 8
    weights = {name: loss.loss_weight for name, loss in zero_dce.model.items() if name.endswith("_loss")}
    assert weights == dict(spatial_loss=1, color_loss=5, exposure_loss=10, smoothness_loss=200)
    for config in (sgz, zero_dce):
        optimizer = config.optim_wrapper.optimizer
        assert (optimizer.type, optimizer.lr, optimizer.weight_decay) == ("Adam", 1e-4, 1e-4)
        assert config.optim_wrapper.clip_grad.max_norm == 0.1
        assert (config.model.steps, config.model.order, config.model.exposure_loss.target) == (8, 2, 0.6)


def learning_rates(config, epoch_length=2):
    """Learning rate of each epoch, in the last step of the epoch."""
    wrapper = config.optim_wrapper.get("generator", config.optim_wrapper)
    optimizer = torch.optim.SGD(torch.nn.Linear(1, 1).parameters(), lr=wrapper.optimizer.lr)
    schedulers = config.get("param_scheduler", [])
    schedulers = [
        PARAM_SCHEDULERS.build(each, default_args=dict(optimizer=optimizer, epoch_length=epoch_length))
        for each in (schedulers if isinstance(schedulers, list) else [schedulers])
    ]
    rates = []
    for step in range(1, config.train_cfg.max_epochs * epoch_length + 1):
        optimizer.step()
        if step % epoch_length == 0:
            rates.append(optimizer.param_groups[0]["lr"])
        for scheduler in schedulers:
            if not scheduler.by_epoch or step % epoch_length == 0:
                scheduler.step()
    return rates


def test_every_epoch_trains(config):
    rates = learning_rates(config)
    assert len(rates) == config.train_cfg.max_epochs
    assert min(rates) > 0


def test_the_sample_s_enlightengan_trains_half_of_its_epochs_at_the_whole_rate():
    rates = learning_rates(Config.fromfile(ROOT / "configs/enlightengan/enlightengan_sample.py"))
    assert rates[:81] == pytest.approx([5e-4] * 81)
    assert rates[-3:] == pytest.approx([5e-4 * n / 80 for n in (3, 2, 1)])


@pytest.mark.parametrize("data", ["lol", "sice"])
def test_zero_dce_trains_at_the_size_of_the_original_code_and_sgz_at_its_own(data):
    for method, side in dict(zero_dce=256, sgz=512).items():
        config = Config.fromfile(ROOT / f"configs/{method}/{method}_{data}.py")
        resize = [step for step in config.train_dataloader.dataset.pipeline if step.type == "mmagic.Resize"]
        assert [(step.scale, step.interpolation, step.backend) for step in resize] == [
            ((side, side), "lanczos", "pillow")
        ]


def test_enhancenet_trains_on_crops_of_128_of_what_its_converter_makes():
    config = Config.fromfile(ROOT / "configs/enhancenet/enhancenet_pat_x4.py")
    dataset = config.train_dataloader.dataset
    assert "prepare_coco.py" in dataset.prepare
    # The converter reduces the photographs.
    assert "mmagic.Resize" not in [step.type for step in dataset.pipeline]
    assert [step.size * step.scale for step in dataset.pipeline if step.type == "CropPair"] == [128]


def test_pairlie_trains_on_lol_and_sice_together_as_its_authors_do(tmp_path, monkeypatch):
    config = Config.fromfile(ROOT / "configs/pairlie/pairlie_lol_sice.py")
    monkeypatch.chdir(tmp_path)
    for folder, scenes, value in (("LOL_scenes", 2, 9), ("SICE", 3, 40)):
        frames = [f"{scene}/{frame}.png" for scene in range(scenes) for frame in range(2)]
        for frame in frames:
            write_image(tmp_path / "data" / folder / frame, np.full((128, 130, 3), value, np.uint8))
    with DefaultScope.overwrite_default_scope("mmlle"):
        dataset = DATASETS.build(config.train_dataloader.dataset)
    images = [sample["inputs"] for sample in dataset]
    assert [int(image["img"][0, 0, 0]) for image in images] == [9, 9, 40, 40, 40]
    assert {image[key].shape for image in images for key in ("img", "img2")} == {(3, 128, 128)}


def test_pairlie_s_exponent_is_the_paper_s_but_on_lol_and_where_black_has_illumination():
    gammas = {name: Config.fromfile(ROOT / "configs" / name).model.get("gamma") for name in NAMES}
    special = {name: gamma for name, gamma in gammas.items() if gamma not in (None, 0.2)}
    assert special == {"pairlie/pairlie_lol_sice.py": 0.14, "pairlie/pairlie_sice_cpu.py": 0.11}


def test_enlightengan_s_recipe_is_that_of_the_original_code():
    config = Config.fromfile(ROOT / "configs/enlightengan/enlightengan_unpaired.py")
    assert config.train_dataloader.batch_size == 32
    assert config.train_cfg.max_epochs == 200
    rates = learning_rates(config)
    assert rates[98:102] == pytest.approx([1e-4, 1e-4, 1e-4, 0.99e-4])
    assert rates[-2:] == pytest.approx([2e-6, 1e-6])
    for name in ("generator", "discriminator"):
        optimizer = config.optim_wrapper[name].optimizer
        assert (optimizer.type, optimizer.lr, optimizer.betas) == ("Adam", 1e-4, (0.5, 0.999))
    model = config.model
    assert (model.discriminator.patch_size, model.discriminator.num_patches) == (32, 6)
    assert "color_loss" not in model
    assert "custom_hooks" not in config
    networks = MODELS.build(dict(model, feature_loss=dict(type="RelativisticGANLoss"))).discriminator
    counts = [
        sum(p.numel() for p in network.parameters())
        for network in (networks.global_network, networks.local_network)
    ]
    assert counts == [11_154_369, 6_959_553]


@pytest.mark.parametrize("scale", ["", "_cpu"])
def test_the_stable_recipe_differs_by_its_remedies_alone(scale):
    plain = Config.fromfile(ROOT / f"configs/enlightengan/enlightengan_unpaired{scale}.py")
    stable = Config.fromfile(ROOT / f"configs/enlightengan/enlightengan_stable_unpaired{scale}.py")
    remedies = ["LossWeightWarmUpHook", "NormEvalHook", "GeneratorEMAHook"]
    assert [hook.type for hook in stable.pop("custom_hooks")] == remedies
    for name in ("generator", "discriminator"):
        assert stable.optim_wrapper[name].pop("clip_grad").max_norm > 0
    assert stable.to_dict() == plain.to_dict()


def listed():
    """Configs that the metafiles name."""
    return [
        Path(model["Config"]).relative_to("configs").as_posix()
        for metafile in METAFILES
        for model in yaml.safe_load(metafile.read_text())["Models"]
    ]


def test_every_metafile_is_in_the_index_and_every_method_has_one():
    index = yaml.safe_load((ROOT / "model-index.yml").read_text())
    assert sorted(ROOT / name for name in index["Import"]) == METAFILES
    assert {path.parent for path in METAFILES} == {path.parent for path in CONFIGS}
    for metafile in METAFILES:
        for collection in yaml.safe_load(metafile.read_text())["Collections"]:
            assert (ROOT / collection["README"]).is_file()


@pytest.mark.skipif(not listed(), reason="the metafiles name no models yet")
def test_every_config_is_in_a_metafile_and_every_entry_is_there():
    assert sorted(listed()) == NAMES


@pytest.mark.parametrize("name", ["zero_dce/zero_dce_lol.py", "enlightengan/enlightengan_unpaired.py"])
def test_convolutions_keep_pytorchs_biases_as_in_the_originals(name):
    config = Config.fromfile(ROOT / "configs" / name)
    with DefaultScope.overwrite_default_scope("mmlle"):
        network = MODELS.build(config.model.generator)
        biases = {key: value.clone() for key, value in network.state_dict().items() if key.endswith(".bias")}
        network.init_weights()
    for key, value in network.state_dict().items():
        if key.endswith(".bias"):
            assert torch.equal(value, biases[key]), key


def test_the_segmentor_of_sgz_enlarges_as_the_originals():
    config = Config.fromfile(ROOT / "configs/sgz/sgz_lol.py")
    assert config.model.semantic_loss.segmentor.neck.upsample_cfg == dict(
        mode="bilinear", align_corners=False
    )
    cityscapes = Config.fromfile(ROOT / "configs/sgz/sgz_sice_cityscapes.py")
    assert cityscapes.model.semantic_loss.segmentor.neck.upsample_cfg == dict(mode="nearest")
