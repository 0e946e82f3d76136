import sys
from pathlib import Path

import pytest

from mmlle.models import EFENet, ZeroDCENet
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


def test_efe_net():
    counted = get_flops.complexity(EFENet(), 5, 7)
    assert counted["params"] == 10_561
    assert counted["flops"] == 35 * EFE_MACS == 35 * 10_075
    assert counted["activations"] == 35 * EFE_ACTIVATIONS


def test_zero_dce_net():
    counted = get_flops.complexity(ZeroDCENet(), 4, 4)
    assert counted["params"] == 79_416
    assert counted["flops"] == 16 * DCE_MACS == 16 * 79_200
    assert counted["activations"] == 16 * DCE_ACTIVATIONS


def test_reduction_costs_less():
    full = get_flops.complexity(EFENet(), 24, 36)["flops"]
    reduced = get_flops.complexity(EFENet(scale_factor=12), 24, 36)["flops"]
    # 2x3 pixels of convolutions; 4 multiply-adds for each value that an interpolation makes.
    assert reduced == 6 * EFE_MACS + 4 * 3 * (6 + 24 * 36)
    assert full == 24 * 36 * EFE_MACS


def test_command_says_what_it_counts(capsys):
    get_flops.main([SGZ, "--shape", "5", "7", "--cfg-options", "model.generator.width=16"])
    printed = capsys.readouterr().out
    macs = 9 * (3 + 3 * 16 + 3 * 32) + (3 * 16 + 3 * 16 * 16 + 2 * 32 * 16 + 32 * 3)
    assert f"Multiply-adds: {35 * macs:,} (a multiplication and its addition are one)" in printed
    assert "5x7 (height x width)" in printed
    assert "conv7.pointwise" in printed


def test_size_must_be_positive():
    with pytest.raises(UserError, match="at least 1"):
        get_flops.main([SGZ, "--shape", "0", "7"])
