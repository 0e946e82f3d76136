import json
import sys
from pathlib import Path

import pytest
import torch
from mmengine.registry import DefaultScope
from test_benchmark import made_up_originals

from mmlle.models import ZeroDCENet

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tools" / "analysis_tools"))

import benchmark  # noqa: E402

ZERO_DCE = ROOT / "configs" / "zero_dce" / "zero_dce_lol.py"


class WorkerHere:
    """A worker in this process, which saves the time to start another."""

    def __init__(self, threads, config, side, *arguments):
        assert threads == 1
        with DefaultScope.overwrite_default_scope("mmlle"):
            self.side = side(config, *arguments)

    def __call__(self, method, *arguments):
        found = getattr(self.side, method)
        return found(*arguments) if callable(found) else found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


@pytest.fixture
def measure(tmp_path, monkeypatch, capsys):
    """Run the command with options; gives its figures and what it prints."""
    folder = made_up_originals.write("zero_dce", tmp_path / "zero_dce")
    monkeypatch.setattr(benchmark, "Worker", WorkerHere)

    def run(options):
        out = tmp_path / "out" / "figures.json"
        paths = [str(ZERO_DCE), "--original", str(folder), "--out", str(out)]
        benchmark.main([*paths, "--check", "--threads", "1", "--repeats", "2", *options.split()])
        return json.loads(out.read_text()), capsys.readouterr().out

    return run


def test_all_sizes_are_checked_and_then_measured(measure):
    report, printed = measure("--size 32 48 --size 16 16 --batch-size 2")
    assert f"batch of 2, on {'cpu' if not torch.cuda.is_available() else ''}" in printed
    assert printed.index("16x16 (height x width)") < printed.index("32x48 (height x width)")
    assert printed.rindex("check ") < printed.index("time ")  # nobody has trained before all is checked
    assert report["threads"] == torch.get_num_threads()
    assert report["torch"] == torch.__version__
    for entry in report["sizes"]:
        assert [result["name"] for result in entry["results"]] == ["original", "ours"]
        assert [len(result["seconds"]) for result in entry["results"]] == [2, 2]
        assert all(len(result["ratios"]) == 1 for result in entry["results"])
        assert entry["results"][1]["peak_memory"] > 2**27
        assert {name for name, *_ in entry["check"]} >= {"loss", "grad_norm"}


def test_with_the_authors_weights_the_original_is_measured_without_denormals_too(measure, tmp_path):
    weights = {f"e_{name}": value for name, value in ZeroDCENet().state_dict().items()}
    weights["e_conv2.bias"].fill_(1e-39)
    torch.save(weights, tmp_path / "Epoch99.pth")
    report, printed = measure(f"--mode inference --size 16 16 --weights {tmp_path / 'Epoch99.pth'}")
    *_, header, original, without, ours, throughput = printed.splitlines()
    assert "ratio to 1st  ratio to 2nd" in header
    assert (original.split()[0], original.split()[-1]) == ("original", "32")
    assert without.startswith("original without denormals ")
    assert ours.startswith("ours ")
    assert [line.split()[-1] for line in (without, ours)] == ["0", "0"]
    entry = report["sizes"][0]
    # 3 to 32 channels, three times 32 to 32, twice 64 to 32, 64 to 24; biases may count as well.
    assert entry["throughput"]["multiply_adds"] >= 256 * 9 * 32 * (3 + 3 * 32 + 2 * 64 + 64 * 24 / 32)
    assert "images/s" in throughput
    assert entry["throughput"]["share_of_convolution"] > 0
    assert report["limits"]["bandwidth"] > 1e7


@pytest.mark.parametrize("option", [["--check"], ["--weights", "Epoch99.pth"]])
def test_what_concerns_both_needs_an_original(option, capsys):
    with pytest.raises(SystemExit):
        benchmark.main([str(ZERO_DCE), *option])
    assert "--original" in capsys.readouterr().err
