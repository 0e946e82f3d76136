import pytest
import torch

from mmlle.models.losses.region_mean import region_mean


def test_the_mean_of_each_region_over_all_channels():
    image = torch.arange(2 * 5 * 7, dtype=torch.float64).view(1, 2, 5, 7)
    means = region_mean(image, 2)
    assert means.shape == (1, 1, 2, 3)
    for y in range(2):
        for x in range(3):
            region = image[0, :, 2 * y : 2 * y + 2, 2 * x : 2 * x + 2]
            assert means[0, 0, y, x].item() == pytest.approx(region.sum().item() / 8)
    # By hand: 0, 1, 7, 8 in the first channel, 35 more in the second.
    assert means[0, 0, 0, 0] == 4 + 35 / 2


def test_an_image_of_one_region_is_enough():
    assert region_mean(torch.full((2, 3, 4, 4), 0.25), 4).flatten().tolist() == [0.25, 0.25]


@pytest.mark.parametrize(("height", "width"), [(3, 8), (8, 3)])
def test_a_smaller_image_is_refused_with_what_to_do(height, width):
    with pytest.raises(ValueError, match=f"4x4.*{height}x{width}"):
        region_mean(torch.zeros(1, 3, height, width), 4)
