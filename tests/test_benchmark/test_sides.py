from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmlle.benchmark.sides import ORIGINALS, ExportedSide, OriginalSide, OurSide
from mmlle.benchmark.timing import check
from mmlle.models.utils.official_weights import official_weights_methods
from mmlle.utils.allocator import keep_freed_memory
from mmlle.utils.errors import UserError

from . import ROOT

PAIRLIE = ROOT / "configs" / "pairlie" / "pairlie_sice.py"
ZERO_DCE = ROOT / "configs" / "zero_dce" / "zero_dce_lol.py"
ENHANCENET = ROOT / "configs" / "enhancenet" / "enhancenet_e_x4.py"
ENLIGHTENGAN = ROOT / "configs" / "enlightengan" / "enlightengan_unpaired.py"
SGZ = ROOT / "configs" / "sgz" / "sgz_lol.py"


def side(config, make, *arguments, width=48, change=lambda config: None):
    """A side in this process, called like a worker, with two images, 32 px high."""
    config = Config.fromfile(config)
    change(config)
    with DefaultScope.overwrite_default_scope("mmlle"):
        made = make(config, *arguments)
    made.load(2, 32, width)

    def call(name, *args):
        found = getattr(made, name)
        return found(*args) if callable(found) else found

    return call


def test_each_original_has_weights_that_can_be_converted():
    assert {original.method for original in ORIGINALS.values()} <= set(official_weights_methods())


def test_both_sides_of_zero_dce_compute_the_same(original_folder):
    folder = original_folder("zero_dce")
    pair = side(ZERO_DCE, OriginalSide, folder), side(ZERO_DCE, OurSide, folder)
    rows = check(*pair, "train")
    assert [name for name, *_ in rows] == [
        "loss_spatial",
        "loss_color",
        "loss_exposure",
        "loss_smoothness",
        "loss",
        "grad_norm",
    ]
    assert all(theirs > 0 for _, theirs, _ in rows)
    assert check(*pair, "inference")[0][2] < 1e-6


def test_both_sides_of_pairlie_get_the_same_pair_and_compute_the_same(original_folder):
    folder = original_folder("pairlie")
    pair = side(PAIRLIE, OriginalSide, folder), side(PAIRLIE, OurSide, folder)
    for worker in pair:
        images = worker("images")
        assert list(images) == ["img", "img2"]
        torch.testing.assert_close(images["img2"], (images["img"] * 255 // 2) / 255)
        assert worker("seconds", "inference") > 0
    rows = check(*pair, "train")
    assert [name for name, *_ in rows] == [
        "loss_consistency",
        "loss_retinex",
        "loss_projection",
        "loss",
        "grad_norm",
    ]
    assert check(*pair, "inference")[0][2] < 1e-6
    for worker in pair:
        assert worker("seconds", "train") > 0


def test_our_side_borrows_the_segmentor_of_sgz(original_folder):
    folder = original_folder("sgz")
    pair = side(SGZ, OriginalSide, folder), side(SGZ, OurSide, folder, None, True)
    rows = {name: (theirs, ours) for name, theirs, ours in check(*pair, "train")}
    assert rows["loss_semantic"][0] > 0.01
    assert pair[1]("seconds", "train") > 0


@pytest.mark.filterwarnings("ignore:VGGFeatures has no weights")
def test_both_sides_of_enlightengan_compute_the_same(original_folder):
    folder = original_folder("enlightengan")
    pair = [side(ENLIGHTENGAN, make, folder, width=32) for make in (OriginalSide, OurSide)]
    rows = check(*pair, "train")
    assert [name for name, *_ in rows] == ["loss_disc_global", "loss_disc_local", "loss", "grad_norm"]
    assert all(theirs > 0 for _, theirs, _ in rows)
    assert check(*pair, "inference")[0][2] < 1e-5


def test_another_weight_of_a_loss_is_noticed(original_folder):
    def change(config):
        config.model.smoothness_loss.loss_weight = 201

    folder = original_folder("zero_dce")
    pair = side(ZERO_DCE, OriginalSide, folder), side(ZERO_DCE, OurSide, folder, change=change)
    with pytest.raises(UserError, match="loss_smoothness, loss, grad_norm"):
        check(*pair, "train")


@pytest.fixture
def authors_file(build, tmp_path):
    """A file of weights by the original's names, two of them denormal."""
    weights = {name: value.clone() for name, value in build("zero_dce").weights().items()}
    weights["e_conv1.bias"][:4] = torch.tensor([1e-40, -3e-39, 1e-25, 0])
    path = tmp_path / "Epoch99.pth"
    torch.save({f"module.{name}": value for name, value in weights.items()}, path)
    return path


def test_denormal_weights_stay_in_the_original_or_not_and_never_in_ours(original_folder, authors_file):
    folder = original_folder("zero_dce")
    shipped = side(ZERO_DCE, OriginalSide, folder, authors_file)
    zeroed = side(ZERO_DCE, OriginalSide, folder, authors_file, True)
    ours = side(ZERO_DCE, OurSide, folder, authors_file)
    assert [worker("denormals") for worker in (shipped, zeroed, ours)] == [2, 0, 0]
    assert [worker("name") for worker in (shipped, zeroed)] == ["original", "original without denormals"]
    for worker in (zeroed, ours):
        assert check(shipped, worker, "inference")[0][2] < 1e-6
    random = side(ZERO_DCE, OriginalSide, folder)
    assert random("denormals") == 0


def test_weights_of_another_method_are_refused(original_folder, authors_file):
    with pytest.raises(UserError, match="not the weights of EFENet"):
        side(SGZ, OriginalSide, original_folder("sgz"), authors_file)


def test_data_sets_of_several_roots():
    with DefaultScope.overwrite_default_scope("mmlle"):
        several = OurSide(Config.fromfile(PAIRLIE.with_name("pairlie_lol_sice.py")))
    assert several.keys == ["img", "img2"]


def test_our_side_trains_like_the_runner():
    with DefaultScope.overwrite_default_scope("mmlle"):
        torch.manual_seed(0)
        ours = OurSide(Config.fromfile(ZERO_DCE))
    ours.load(1, 32, 32)
    before = ours.losses()["loss"]
    weight = ours.model.generator.conv1.weight.detach().clone()
    for _ in range(10):
        ours.train_step()
    assert ours.losses()["loss"] < before
    assert 0 < (ours.model.generator.conv1.weight - weight).abs().max() < 1.1e-3
    seen = ours.model.data_preprocessor(dict(inputs=[ours.loaded["img"][0].flip(0)]))["inputs"]
    torch.testing.assert_close(seen, ours.images)


def test_images_are_dark_and_always_the_same():
    first, second = OurSide.__new__(OurSide), OriginalSide.__new__(OriginalSide)
    first.keys = second.keys = ["img"]
    first.load(2, 20, 30)
    torch.rand(3)
    second.load(2, 20, 30)
    assert first.images.shape == (2, 3, 20, 30)
    assert torch.equal(first.images, second.images)
    assert not torch.equal(first.images[0], first.images[1])
    assert 0.05 < first.images.mean() < 0.25


def test_methods_without_original_are_named(tmp_path):
    config = tmp_path / "config.py"
    config.write_text(f"_base_ = [{str(ZERO_DCE)!r}]\nmodel = dict(type='Mine')\n")
    with pytest.raises(UserError, match="Mine.*SGZ, ZeroDCE"):
        OriginalSide(Config.fromfile(config), tmp_path)


def test_memory_that_is_kept_can_be_returned():
    def resident():
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")

    if not Path("/proc/self/status").exists():
        pytest.skip("reads Linux's /proc")
    original = OriginalSide.__new__(OriginalSide)
    keep_freed_memory()
    kept = [torch.ones(2**20) for _ in range(64)]
    del kept
    before = resident()
    original.release_memory()
    if not torch.cuda.is_available():
        assert before - resident() > 100 * 2**20


def test_both_sides_of_enhancenet_compute_the_same(original_folder):
    def as_tensorflow(config):
        config.model.generator.bicubic = "tf1"

    folder = original_folder("enhancenet")
    pair = [side(ENHANCENET, make, folder, change=as_tensorflow) for make in (OriginalSide, OurSide)]
    assert check(*pair, "inference")[0][2] < 1e-6


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_the_exported_side_computes_what_the_original_does(original_folder, runtime):
    pytest.importorskip(runtime)
    folder = original_folder("sgz")
    exported = side(SGZ, ExportedSide, folder, None, runtime)
    assert exported("name") == f"ours, {runtime}"
    assert check(side(SGZ, OriginalSide, folder), exported, "inference")[0][2] < 1e-6
