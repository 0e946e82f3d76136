import numpy as np
import pytest
import torch

from mmlle.models.utils import pad_to_multiple


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (1, 40), (17, 33), (16, 32), (15, 31)])
@pytest.mark.parametrize("multiple", [1, 4, 16])
def test_it_reflects_as_numpy_does_on_both_sides(size, multiple):
    image = torch.rand(2, 3, *size)
    padded, inside = pad_to_multiple(image, multiple)
    missing = [-side % multiple for side in size]
    padding = [(0, 0), (0, 0), *((m // 2, m - m // 2) for m in missing)]
    np.testing.assert_array_equal(padded, np.pad(image, padding, mode="reflect"))
    assert torch.equal(padded[(..., *inside)], image)


def test_what_fits_is_not_copied():
    image = torch.rand(1, 3, 8, 12)
    assert pad_to_multiple(image, 4)[0] is image


def test_gradient_passes():
    image = torch.rand(1, 1, 3, 5, requires_grad=True)
    pad_to_multiple(image, 4)[0].sum().backward()
    # Below comes row 1 again; on the left column 1, on the right columns 3 and 2.
    assert image.grad[0, 0].tolist() == [[1, 2, 2, 2, 1], [2, 4, 4, 4, 2], [1, 2, 2, 2, 1]]
