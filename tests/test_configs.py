import socket
from pathlib import Path

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


def test_there_are_configs():
    assert {
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
    for name, loader in loaders(config).items():
        dataset = DATASETS.build({**loader.dataset, "lazy_init": True})
        assert dataset.test_mode is (name != "train")
        if "prepare" not in loader.dataset:
            # Any photographs will do for super-resolution; docs/data.md names some.
            assert loader.dataset.data_root in ("data/SR/train", "data/SR/val") + SETS
        else:
            command, script, *_ = loader.dataset.prepare.split()
            assert command == "python"
            assert (ROOT / script).is_file()
        assert DATA_SAMPLERS.get(loader.sampler.type) is not None


def test_the_pipelines_turn_a_file_into_a_sample(config, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where caches are made
    image = dark_image(272, 280)
    write_image(tmp_path / "x.png", image)
    for name, loader in loaders(config).items():
        pipeline = Compose([TRANSFORMS.build(step) for step in loader.dataset.pipeline])
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


def test_the_metrics_build(config):
    for evaluator in (config.val_evaluator, config.test_evaluator):
        assert is_seq_of([METRICS.build(metric) for metric in evaluator], BaseMetric)


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("_sample.py")])
def test_the_sample_configs_need_no_download(name):
    config = Config.fromfile(ROOT / "configs" / name)
    assert config.model.get("semantic_loss") is None
    for loader in loaders(config).values():
        assert loader.dataset.data_root.startswith("data/sample/")


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


def learning_rates(config):
    """Learning rate of each epoch."""
    optimizer = torch.optim.SGD(
        torch.nn.Linear(1, 1).parameters(), lr=config.optim_wrapper.generator.optimizer.lr
    )
    scheduler = PARAM_SCHEDULERS.build(dict(config.param_scheduler, optimizer=optimizer))
    rates = []
    for _ in range(config.train_cfg.max_epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


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
