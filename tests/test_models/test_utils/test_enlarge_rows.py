import pytest
import torch
from torch.nn import functional as F

from mmlle.models.utils import enlarge_rows


@pytest.mark.parametrize("size", [(1, 1), (7, 30), (40, 3), (100, 151)])
@pytest.mark.parametrize("reduced", [(1, 1), (1, 4), (5, 2), (9, 13)])
def test_the_rows_are_those_of_the_whole(size, reduced):
    image = torch.rand(2, 3, *reduced)
    whole = F.interpolate(image, size, mode="bilinear", align_corners=True)
    for start in range(0, size[0], 6):
        rows = whole[..., start : start + 6, :]
        torch.testing.assert_close(enlarge_rows(image, start, rows.shape[-2], size), rows, atol=1e-5, rtol=0)
