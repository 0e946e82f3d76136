import hashlib
import shutil
from pathlib import Path

import pytest
import torch

from mmlle.apis.testing import test as run_test
from mmlle.cli.command import read_run_config
from mmlle.cli.test import parse_args
from mmlle.zoo.check import Outcome, Statement, check, faults_of_weights, metafile_statements

METAFILE = """
Models:
  - Name: toy_small
    Config: configs/toy/toy_small.py
    Results:
      - {Task: enhancement, Dataset: LOL v1, Metrics: {PSNR: 13.5, SSIM: 0.5}}
      - {Task: enhancement, Dataset: Set5, Metrics: {PSNR: 20}}
    Weights: mmlle/zoo/toy_small_20260102-01234567.pth
  - Name: toy_big
    Config: configs/toy/toy_big.py
    Results: [{Task: enhancement, Dataset: LOL v1, Metrics: {PSNR: 15}}]
  - Name: toy_untrained
    Config: configs/toy/toy_untrained.py
    Results: []
"""


def test_statements_are_the_results_of_the_metafiles(tmp_path):
    (tmp_path / "configs/toy").mkdir(parents=True)
    (tmp_path / "configs/toy/metafile.yml").write_text(METAFILE)
    small, set5, big = metafile_statements(tmp_path / "configs")
    assert small == Statement(
        model="toy_small",
        config=tmp_path / "configs/toy/toy_small.py",
        checkpoint=tmp_path / "mmlle/zoo/toy_small_20260102-01234567.pth",
        dataset="LOL v1",
        figures=dict(PSNR=13.5, SSIM=0.5),
    )
    assert (set5.dataset, set5.figures) == ("Set5", dict(PSNR=20))
    assert (big.model, big.checkpoint) == ("toy_big", None)


@pytest.mark.parametrize(
    ("measured", "differing"),
    [
        (dict(PSNR=13.5049, SSIM=0.5004, Top1=50.4), []),
        (dict(PSNR=13.4949, SSIM=0.5004, Top1=50.4), ["PSNR"]),
        (dict(PSNR=13.5, SSIM=0.4994, Top1=49.4), ["SSIM", "Top1"]),
        (dict(PSNR=13.5, Top1=50), ["SSIM"]),
    ],
)
def test_figures_agree_up_to_their_rounding(measured, differing):
    statement = Statement("toy", Path("c"), Path("w"), "LOL v1", dict(PSNR=13.5, SSIM=0.5, Top1=50))
    assert Outcome(statement, measured).differing == differing


def test_what_cannot_be_tested_differs_in_nothing():
    assert (
        Outcome(Statement("toy", Path("c"), None, "LOL v1", dict(PSNR=1)), untested="no data").differing == []
    )


def test_statements_are_tested_as_by_the_command(workspace):
    shutil.copytree("data/val", "sets/LOL/eval15")
    arguments = ["config.py", "weights.pth", "--work-dir", "run"]
    figures = run_test(read_run_config(parse_args(arguments)), "weights.pth")
    config, weights = Path("config.py"), Path("weights.pth")
    cropped = {"test_evaluator.0.crop_border": 2}
    statements = [
        Statement("right", config, weights, "LOL v1", figures),
        Statement("wrong", config, weights, "LOL v1", dict(PSNR=1, SSIM=figures["SSIM"])),
        Statement("other options", config, weights, "LOL v1", figures, cropped),
        Statement("no data", config, weights, "Set5", figures),
        Statement("unknown data", config, weights, "mine", figures),
        Statement("no weights", config, None, "LOL v1", figures, missing="of no file"),
    ]
    outcomes = {each.statement.model: each for each in check(statements, "sets", workspace.folder / "logs")}
    assert outcomes["right"].measured == pytest.approx(figures)
    assert not outcomes["right"].differing
    assert outcomes["wrong"].differing == ["PSNR"]
    assert outcomes["other options"].differing == ["PSNR"]
    assert [outcomes[name].untested for name in ("no data", "unknown data")] == ["no data"] * 2
    assert outcomes["no weights"].untested == "of no file"
    assert workspace.files("work_dirs") == []


class TestFaultsOfWeights:
    @pytest.fixture
    def faults(self, workspace):
        """Save weights under the name that they should have, or another, and give their faults."""

        def save(state, name=None):
            torch.save(state, "unnamed.pth")
            digest = hashlib.sha256(Path("unnamed.pth").read_bytes()).hexdigest()
            path = Path("unnamed.pth").rename(name or f"config_20260102-{digest[:8]}.pth")
            return faults_of_weights(path, Path("config.py"))

        return save

    def test_none(self, faults, workspace):
        assert faults(workspace.model.state_dict()) == []

    def test_another_name(self, faults, workspace):
        (fault,) = faults(workspace.model.state_dict(), "config_20260102-01234567.pth")
        assert "its name should be config_<day>-" in fault

    def test_weights_that_are_missing_or_unknown(self, faults, workspace):
        state = workspace.model.state_dict()
        state["other"] = state.pop("generator.conv1.weight")
        (fault,) = faults(state)
        assert "generator.conv1.weight" in fault
        assert "other" in fault

    @pytest.mark.parametrize(("value", "fault"), [(1e-30, "denormal"), (float("nan"), "not a number")])
    def test_values(self, faults, workspace, value, fault):
        state = workspace.model.state_dict()
        state["generator.conv1.weight"][0, 0, 0, 0] = value
        (found,) = faults(state)
        assert fault in found

    def test_a_file_that_is_missing_or_damaged(self, workspace):
        (fault,) = faults_of_weights(Path("gone.pth"), Path("config.py"))
        assert "no file gone.pth" in fault
        Path("text.pth").write_text("no")
        _, fault = faults_of_weights(Path("text.pth"), Path("config.py"))
        assert "not a checkpoint" in fault
