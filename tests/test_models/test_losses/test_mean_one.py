import pytest
import torch

from mmlle.models.losses.mean_one import mean_one


def test_each_image_is_divided_by_its_own_mean():
    maps = torch.tensor([[1.0, 3.0], [10.0, 30.0]])[:, None, None, :]
    expected = torch.tensor([[0.5, 1.5], [0.5, 1.5]])[:, None, None, :]
    torch.testing.assert_close(mean_one(maps), expected)


def test_zeros_stay_zeros():
    assert not mean_one(torch.zeros(2, 3, 4, 4)).any()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_becomes_single(dtype):
    # The sum of these would be infinite in float16.
    normalised = mean_one(torch.full((1, 8, 64, 64), 1000, dtype=dtype))
    assert normalised.dtype == torch.float32
    torch.testing.assert_close(normalised, torch.ones(1, 8, 64, 64))
