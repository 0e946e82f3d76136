import pytest
import torch

from mmlle.models import TextureMatchingLoss
from mmlle.models.losses import texture_matching_loss
from mmlle.models.losses.texture_matching_loss import patch_grams


def plain(maps, target, size):
    """The loss as a loop over images and patches, the last ones as small as what is left."""
    total, count = 0, 0
    for one, other in zip(maps, target, strict=True):
        one, other = one / one.mean(), other / other.mean()
        for top in range(0, one.shape[1], size):
            for left in range(0, one.shape[2], size):
                grams = []
                for image in (one, other):
                    patch = image[:, top : top + size, left : left + size].flatten(1)
                    grams.append(patch @ patch.T)
                total += (grams[0] - grams[1]).square().mean()
                count += 1
    return total / count


def pair(*shape):
    torch.manual_seed(0)
    return torch.rand(2, *shape, dtype=torch.float64)


@pytest.mark.parametrize("size", [(16, 16), (32, 48), (17, 33), (5, 40), (1, 1)])
def test_equals_a_loop_over_patches_of_any_size(size):
    maps, target = pair(3, 4, *size)
    torch.testing.assert_close(texture_matching_loss(maps, target), plain(maps, target, 16))


def test_by_hand():
    # Divided by its mean, the image is 0.5 and 1.5, and each position a patch: Gram matrices 0.25 and 2.25.
    maps = torch.tensor([1.0, 3.0]).view(1, 1, 1, 2)
    target = torch.ones(1, 1, 1, 2)
    loss = texture_matching_loss(maps, target, patch_size=1)
    assert loss.item() == pytest.approx((0.75**2 + 1.25**2) / 2)


def test_equal_maps_have_none():
    maps, _ = pair(2, 3, 20, 20)
    assert texture_matching_loss(maps, maps).item() == 0


def test_places_within_a_patch_do_not_count_but_those_of_patches_do():
    maps, _ = pair(1, 3, 32, 16)
    within = maps.unflatten(2, (2, 16)).flip(3).flatten(2, 3)
    torch.testing.assert_close(texture_matching_loss(within, maps), torch.zeros((), dtype=torch.float64))
    assert texture_matching_loss(maps.roll(16, dims=2), maps) > 0.1


def test_gram_matrices_are_in_the_order_of_rows():
    maps = torch.arange(6.0).view(1, 1, 2, 3)
    assert patch_grams(maps, 1).flatten().tolist() == [0, 1, 4, 9, 16, 25]
    assert patch_grams(maps, 2).flatten().tolist() == [0 + 1 + 9 + 16, 4 + 25]


def test_gradient_equals_the_loops():
    maps, target = pair(2, 3, 18, 20)
    gradients = []
    for function in (texture_matching_loss, lambda a, b: plain(a, b, 16)):
        leaf = maps.clone().requires_grad_()
        function(leaf, target).backward()
        gradients.append(leaf.grad)
    torch.testing.assert_close(*gradients)


def test_under_autocast_it_is_computed_in_single_precision():
    maps, target = (x.bfloat16() for x in pair(1, 8, 16, 16))
    with torch.autocast("cpu", torch.bfloat16):
        loss = texture_matching_loss(maps, target)
    torch.testing.assert_close(loss, texture_matching_loss(maps.float(), target.float()))


def test_layers_are_weighted_and_added():
    maps, target = pair(1, 2, 8, 8)
    loss = TextureMatchingLoss(dict(a=2, b=3), patch_size=4, loss_weight=0.5)
    found = loss(dict(a=maps, b=target, c=maps), dict(a=target, b=target, c=target))
    torch.testing.assert_close(found, texture_matching_loss(maps, target, 4))
