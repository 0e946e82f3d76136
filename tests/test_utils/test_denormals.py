import math

import pytest
import torch
from torch import nn

from mmlle.utils.denormals import zero_denormals


def test_negligible_values_become_zero_and_no_others():
    values = torch.tensor([1e-45, -1e-39, 1e-20, -2e-20, 1.0, -math.inf, math.nan])
    zero_denormals([values])
    expected = torch.tensor([0, 0, 0, -2e-20, 1.0, -math.inf, math.nan])
    torch.testing.assert_close(values, expected, rtol=0, atol=0, equal_nan=True)


def test_the_threshold_can_be_lower():
    values = torch.tensor([1e-39, 1e-30])
    zero_denormals([values], threshold=torch.finfo(torch.float32).tiny)
    assert values.tolist() == [0, pytest.approx(1e-30)]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.bool])
def test_other_types(dtype):
    values = torch.tensor([0, 1, 3]).to(dtype)
    before = values.clone()
    zero_denormals([values])
    assert torch.equal(values, before)


def test_parameters_of_any_layout_change_in_place():
    weight = nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last).weight
    strides = weight.stride()
    with torch.no_grad():
        weight[0] = 1e-40
    zero_denormals([weight])
    assert weight[0].count_nonzero() == 0
    assert weight[1:].count_nonzero() == weight[1:].numel()
    assert weight.requires_grad
    assert weight.stride() == strides
