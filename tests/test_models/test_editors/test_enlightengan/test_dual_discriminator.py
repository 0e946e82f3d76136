import pytest
import torch

from mmlle.models import DualDiscriminator
from mmlle.utils.errors import ImageSizeError


@pytest.fixture
def discriminator():
    torch.manual_seed(0)
    networks = [dict(type="mmlle.PatchGANDiscriminator", num_layers=n, width=4) for n in (2, 1)]
    return DualDiscriminator(*networks, patch_size=8, num_patches=5)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_each_network_gets_its_own(discriminator):
    images, patches = torch.rand(2, 3, 20, 26), torch.rand(7, 3, 8, 8)
    scores, patch_scores = discriminator(images, patches)
    torch.testing.assert_close(scores, discriminator.global_network(images))
    torch.testing.assert_close(patch_scores, discriminator.local_network(patches))


def test_patches_are_at_the_same_places_in_all_images(discriminator):
    images = torch.rand(3, 3, 20, 26)
    corners = discriminator.draw_corners(images, generator())
    assert len(corners) == 5
    patches = discriminator.cut_patches(images, corners)
    assert patches.shape == (15, 3, 8, 8)
    for number, (y, x) in enumerate(corners):
        for index in range(3):
            assert torch.equal(patches[3 * number + index], images[index, :, y : y + 8, x : x + 8])


def test_corners_reach_every_place_and_no_further(discriminator):
    corners = [
        c for s in range(200) for c in discriminator.draw_corners(torch.rand(1, 3, 11, 9), generator(s))
    ]
    assert set(corners) == {(y, x) for y in range(4) for x in range(2)}


def test_corners_depend_on_the_generator_alone(discriminator):
    image = torch.rand(1, 3, 50, 60)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = discriminator.draw_corners(image, generator(3))
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert discriminator.draw_corners(image, generator(3)) == first
    assert discriminator.draw_corners(image, generator(4)) != first


def test_an_image_of_the_size_of_a_patch(discriminator):
    assert discriminator.draw_corners(torch.rand(1, 3, 8, 8), generator()) == [(0, 0)] * 5


@pytest.mark.parametrize("size", [(7, 40), (40, 7)])
def test_a_patch_larger_than_the_image_is_refused(discriminator, size):
    message = rf"patches of 8x8 px, but the images are {size[0]}x{size[1]} .*model\.discriminator\.patch_size"
    with pytest.raises(ImageSizeError, match=message):
        discriminator.draw_corners(torch.rand(1, 3, *size), generator())
