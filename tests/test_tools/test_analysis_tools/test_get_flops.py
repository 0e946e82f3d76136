import re
import sys
from pathlib import Path

import pytest

from mmlle.utils.errors import UserError

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tools" / "analysis_tools"))

import get_flops  # noqa: E402

SGZ = str(ROOT / "configs" / "sgz" / "sgz_lol.py")

# By hand, for each pixel: a 3x3 convolution needs 9 * in * out multiply-adds; a depthwise one 9 * in.
EFE_MACS = 9 * (3 + 3 * 32 + 3 * 64) + (3 * 32 + 3 * 32 * 32 + 2 * 64 * 32 + 64 * 3)
EFE_ACTIVATIONS = (3 + 3 * 32 + 3 * 64) + (6 * 32 + 3)
DCE_MACS = 9 * (3 * 32 + 3 * 32 * 32 + 2 * 64 * 32 + 64 * 24)
DCE_ACTIVATIONS = 6 * 32 + 24


@pytest.fixture
def count(capsys):
    """Run the command; gives parameters, multiply-adds and activations."""

    def run(config, height, width, *options):
        path = str(ROOT / "configs" / config)
        get_flops.main([path, "--shape", str(height), str(width), *options])
        printed = capsys.readouterr().out
        assert f"{height}x{width} (height x width)" in printed
        found = dict(re.findall(r"^(Parameters|Multiply-adds|Activations): +([\d,]+)", printed, re.MULTILINE))
        return [int(found[name].replace(",", "")) for name in ("Parameters", "Multiply-adds", "Activations")]

    return run


def test_efe_net(count):
    assert count("sgz/sgz_lol.py", 5, 7) == [10_561, 35 * EFE_MACS, 35 * EFE_ACTIVATIONS]
    assert EFE_MACS == 10_075


def test_zero_dce_net(count):
    assert count("zero_dce/zero_dce_lol.py", 4, 4) == [79_416, 16 * DCE_MACS, 16 * DCE_ACTIVATIONS]
    assert DCE_MACS == 79_200


def test_reduction_costs_less(count):
    _, reduced, _ = count("sgz/sgz_lol.py", 24, 36, "--cfg-options", "model.generator.scale_factor=12")
    # 2x3 pixels of convolutions; 4 multiply-adds for each value that an interpolation makes.
    assert reduced == 6 * EFE_MACS + 4 * 3 * (6 + 24 * 36)


def test_options_replace_and_layers_are_listed(capsys):
    get_flops.main([SGZ, "--shape", "5", "7", "--cfg-options", "model.generator.width=16"])
    printed = capsys.readouterr().out
    macs = 9 * (3 + 3 * 16 + 3 * 32) + (3 * 16 + 3 * 16 * 16 + 2 * 32 * 16 + 32 * 3)
    assert f"Multiply-adds: {35 * macs:,} (a multiplication and its addition are one)" in printed
    assert "conv7.pointwise" in printed


def test_size_must_be_positive():
    with pytest.raises(UserError, match="at least 1"):
        get_flops.main([SGZ, "--shape", "0", "7"])
