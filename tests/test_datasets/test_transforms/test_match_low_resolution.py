import numpy as np
import pytest

from mmlle.datasets import MatchLowResolution
from mmlle.testing import dark_image
from mmlle.utils.errors import ImageSizeError


def match(size, truth_size):
    sample = dict(img=dark_image(*size), gt=dark_image(*truth_size), img_path="LR/a.png", gt_path="HR/a.png")
    return MatchLowResolution(scale=4)(sample)


@pytest.mark.parametrize("truth_size", [(20, 28), (23, 28), (21, 31)])
def test_the_ground_truth_is_cut_to_fit(truth_size):
    sample = match((5, 7), truth_size)
    assert np.array_equal(sample["gt"], dark_image(*truth_size)[:20, :28])
    assert sample["img"].shape == (5, 7, 3)


@pytest.mark.parametrize("truth_size", [(19, 28), (24, 28), (20, 27), (10, 14), (28, 20)])
def test_another_factor_is_an_error_that_names_both_files(truth_size):
    message = r"4 times as large as the image: LR/a\.png is 5x7 and HR/a\.png {}x{} \(height x width\)"
    with pytest.raises(ImageSizeError, match=message.format(*truth_size)):
        match((5, 7), truth_size)
