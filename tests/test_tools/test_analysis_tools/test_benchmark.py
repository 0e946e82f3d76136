import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from test_benchmark import made_up_originals

from mmlle.utils.allocator import keep_freed_memory
from mmlle.utils.errors import UserError

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tools" / "analysis_tools"))

import benchmark  # noqa: E402

from mmlle.benchmark.sides import OriginalSide, OurSide  # noqa: E402

PAIRLIE = ROOT / "configs" / "pairlie" / "pairlie_sice.py"
ZERO_DCE = ROOT / "configs" / "zero_dce" / "zero_dce_lol.py"
ENLIGHTENGAN = ROOT / "configs" / "enlightengan" / "enlightengan_unpaired.py"
SGZ = ROOT / "configs" / "sgz" / "sgz_lol.py"


def sides(config, *makers, width=48):
    """Sides in this process, each called like a worker, with two images, 32 px high."""
    workers = []
    for maker in makers:
        with DefaultScope.overwrite_default_scope("mmlle"):
            side = maker(Config.fromfile(config))
        side.load(2, 32, width)

        def call(name, *args, side=side):
            found = getattr(side, name)
            return found(*args) if callable(found) else found

        workers.append(call)
    return workers


@pytest.fixture
def zero_dce_folder(tmp_path):
    return made_up_originals.write(made_up_originals.ZERO_DCE, tmp_path / "zero_dce")


@pytest.fixture
def sgz_folder(tmp_path):
    return made_up_originals.write(made_up_originals.SGZ, tmp_path / "sgz")


def test_sides_take_turns_and_warming_up_does_not_count():
    calls = []

    def worker(name, times):
        answers = iter(times)

        def call(method, *_):
            calls.append(f"{name} {method}")
            known = dict(name=name, peak_memory=5, release_memory=None)
            return next(answers) if method == "seconds" else known[method]

        return call

    workers = [worker("original", [99, 4, 98, 8, 97, 6]), worker("ours", [96, 1, 95, 2, 94, 9])]
    first, second = benchmark.measure(workers, "train", repeats=3, warm_up=1)
    turn = [
        f"{side} {method}"
        for side in ("original", "ours")
        for method in ("seconds", "seconds", "release_memory")
    ]
    assert [call for call in calls if "name" not in call and "peak" not in call] == 3 * turn
    assert first == dict(name="original", seconds=[4, 8, 6], median=6, ratio=1, peak_memory=5)
    assert second == dict(name="ours", seconds=[1, 2, 9], median=2, ratio=2 / 6, peak_memory=5)


def test_both_sides_of_zero_dce_compute_the_same(zero_dce_folder):
    workers = sides(
        ZERO_DCE,
        lambda config: OriginalSide(config, zero_dce_folder),
        lambda config: OurSide(config, zero_dce_folder),
    )
    rows = benchmark.check(workers, "train")
    assert [name for name, *_ in rows] == [
        "loss_spatial",
        "loss_color",
        "loss_exposure",
        "loss_smoothness",
        "loss",
        "grad_norm",
    ]
    assert all(theirs > 0 for _, theirs, _ in rows)
    assert benchmark.check(workers, "inference")[0][2] < 1e-6


def test_both_sides_of_pairlie_get_the_same_pair_and_compute_the_same(tmp_path):
    folder = made_up_originals.write(made_up_originals.PAIRLIE, tmp_path / "pairlie")
    workers = sides(
        PAIRLIE, lambda config: OriginalSide(config, folder), lambda config: OurSide(config, folder)
    )
    for worker in workers:
        images = worker("images")
        assert list(images) == ["img", "img2"]
        torch.testing.assert_close(images["img2"], (images["img"] * 255 // 2) / 255)
        assert worker("seconds", "inference") > 0
    rows = benchmark.check(workers, "train")
    assert [name for name, *_ in rows] == [
        "loss_consistency",
        "loss_retinex",
        "loss_projection",
        "loss",
        "grad_norm",
    ]
    assert benchmark.check(workers, "inference")[0][2] < 1e-6
    for worker in workers:
        assert worker("seconds", "train") > 0


def test_our_side_borrows_the_segmentor_of_sgz(sgz_folder):
    workers = sides(
        SGZ,
        lambda config: OriginalSide(config, sgz_folder),
        lambda config: OurSide(config, sgz_folder, True),
    )
    rows = {name: (theirs, ours) for name, theirs, ours in benchmark.check(workers, "train")}
    assert rows["loss_semantic"][0] > 0.01
    assert workers[1]("seconds", "train") > 0


@pytest.mark.filterwarnings("ignore:VGGFeatures has no weights")
def test_both_sides_of_enlightengan_compute_the_same(tmp_path):
    folder = made_up_originals.write(made_up_originals.ENLIGHTENGAN, tmp_path / "enlightengan")
    workers = sides(
        ENLIGHTENGAN,
        lambda config: OriginalSide(config, folder),
        lambda config: OurSide(config, folder),
        width=32,
    )
    rows = benchmark.check(workers, "train")
    assert [name for name, *_ in rows] == ["loss_disc_global", "loss_disc_local", "loss", "grad_norm"]
    assert all(theirs > 0 for _, theirs, _ in rows)
    assert benchmark.check(workers, "inference")[0][2] < 1e-5


def test_another_weight_of_a_loss_is_noticed(zero_dce_folder):
    def changed(config):
        config.model.smoothness_loss.loss_weight = 201
        return OurSide(config, zero_dce_folder)

    workers = sides(ZERO_DCE, lambda config: OriginalSide(config, zero_dce_folder), changed)
    with pytest.raises(UserError, match=r"differ in loss_smoothness, loss, grad_norm, so"):
        benchmark.check(workers, "train")


def test_our_side_trains_like_the_runner():
    with DefaultScope.overwrite_default_scope("mmlle"):
        torch.manual_seed(0)
        side = OurSide(Config.fromfile(ZERO_DCE))
    side.load(1, 32, 32)
    before = side.losses()["loss"]
    weight = side.model.generator.conv1.weight.detach().clone()
    for _ in range(10):
        side.train_step()
    assert side.losses()["loss"] < before
    assert 0 < (side.model.generator.conv1.weight - weight).abs().max() < 1.1e-3
    seen = side.model.data_preprocessor(dict(inputs=[side.loaded["img"][0].flip(0)]))["inputs"]
    torch.testing.assert_close(seen, side.images)


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


def test_command_measures_in_processes(zero_dce_folder, tmp_path, capsys):
    out = tmp_path / "out" / "figures.json"
    options = [
        "--size",
        "32",
        "48",
        "--size",
        "16",
        "16",
        "--batch-size",
        "2",
        "--repeats",
        "2",
        "--threads",
        "1",
    ]
    benchmark.main(
        [str(ZERO_DCE), "--original", str(zero_dce_folder), "--check", "--out", str(out), *options]
    )
    printed = capsys.readouterr().out
    assert f"batch of 2, on {'cpu' if not torch.cuda.is_available() else ''}" in printed
    assert printed.index("16x16 (height x width)") < printed.index("32x48 (height x width)")
    assert printed.rindex("check ") < printed.index("time ")  # nobody has trained before all is checked
    report = json.loads(out.read_text())
    assert report["threads"] == 1
    assert report["torch"] == torch.__version__
    for entry in report["sizes"]:
        original, ours = entry["results"]
        assert (original["name"], ours["name"]) == ("original", "ours")
        assert ours["ratio"] == pytest.approx(np.median(ours["seconds"]) / np.median(original["seconds"]))
        assert ours["peak_memory"] > 2**27
        assert {name for name, *_ in entry["check"]} >= {"loss", "grad_norm"}


def test_methods_without_original_are_named(tmp_path):
    config = tmp_path / "config.py"
    config.write_text(f"_base_ = [{str(ZERO_DCE)!r}]\nmodel = dict(type='Mine')\n")
    with pytest.raises(UserError, match="no original of Mine to compare with, only of .*SGZ, ZeroDCE"):
        OriginalSide(Config.fromfile(config), tmp_path)


def test_check_needs_an_original(capsys):
    with pytest.raises(SystemExit):
        benchmark.main([str(SGZ), "--check"])
    assert "--original" in capsys.readouterr().err


def test_memory_that_is_kept_can_be_given_back():
    def resident():
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")

    if not Path("/proc/self/status").exists():
        pytest.skip("reads Linux's /proc")
    side = OriginalSide.__new__(OriginalSide)
    keep_freed_memory()
    kept = [torch.ones(2**20) for _ in range(64)]
    del kept
    before = resident()
    side.release_memory()
    if not torch.cuda.is_available():
        assert before - resident() > 100 * 2**20
