import pytest
import torch

from mmlle.models.utils import apply_light_curve, light_curve


def plain(image, maps, steps, order):
    """Pixel by pixel, step by step."""
    result = image.clone()
    batch, channels, height, width = image.shape
    for n in range(batch):
        for c in range(channels):
            for y in range(height):
                for x in range(width):
                    value = image[n, c, y, x].item()
                    for step in range(steps):
                        first = 0 if maps.shape[1] == 3 else 3 * step
                        r = maps[n, first + c, y, x].item()
                        value = value + r * (value**order - value)
                    result[n, c, y, x] = value
    return result


def inputs(channels, size=(2, 3)):
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(2, 3, *size, generator=generator, dtype=torch.float64)
    maps = 2 * torch.rand(2, channels, *size, generator=generator, dtype=torch.float64) - 1
    return image, maps


def test_by_hand():
    image = torch.tensor([0.5, 0.25, 1.0]).view(1, 3, 1, 1)
    maps = torch.tensor([-1.0, -0.5, 0.3]).view(1, 3, 1, 1)
    once = apply_light_curve(image, maps, steps=1).flatten().tolist()
    # 0.5 - (0.25 - 0.5); 0.25 - 0.5 (0.0625 - 0.25); 1 stays 1.
    assert once == pytest.approx([0.75, 0.34375, 1.0])
    twice = apply_light_curve(image, maps, steps=2).flatten().tolist()
    assert twice == pytest.approx([0.9375, 0.34375 - 0.5 * (0.34375**2 - 0.34375), 1.0])


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("steps", [1, 3, 8])
@pytest.mark.parametrize("shared", [True, False])
def test_equals_the_plain_loop(shared, steps, order):
    image, maps = inputs(3 if shared else 3 * steps)
    torch.testing.assert_close(apply_light_curve(image, maps, steps, order), plain(image, maps, steps, order))


def test_the_maps_of_the_steps_are_taken_in_their_order():
    image = torch.full((1, 3, 1, 1), 0.5)
    maps = torch.zeros(1, 9, 1, 1)
    maps[:, 3:6] = -1  # the second step only
    assert apply_light_curve(image, maps, steps=3).flatten().tolist() == [0.75] * 3
    maps[:, 6:9] = 1  # squares what came out of it: 0.75 -> 0.5625
    assert apply_light_curve(image, maps, steps=3).flatten().tolist() == [0.5625] * 3


def test_the_first_order_changes_nothing():
    image, maps = inputs(3)
    assert torch.equal(apply_light_curve(image, maps, order=1), image)


def test_the_second_order_stays_within_0_and_1():
    image, maps = inputs(24, (20, 20))
    for extreme in (maps, maps.sign()):
        enhanced = apply_light_curve(image, extreme)
        assert enhanced.min() >= 0
        assert enhanced.max() <= 1


def test_the_input_is_not_written_to():
    image, maps = inputs(3)
    copies = image.clone(), maps.clone()
    apply_light_curve(image, maps)
    assert torch.equal(image, copies[0])
    assert torch.equal(maps, copies[1])


@pytest.mark.parametrize("channels", [3, 9])
def test_gradient_is_that_of_finite_differences(channels):
    image, maps = inputs(channels, (1, 2))
    assert torch.autograd.gradcheck(
        lambda x, r: apply_light_curve(x, r, steps=3), (image.requires_grad_(), maps.requires_grad_())
    )


def test_a_wrong_number_of_maps_is_refused():
    image, maps = inputs(6)
    with pytest.raises(ValueError, match="8 steps.*1, 3 or 24.*6.*`steps`"):
        apply_light_curve(image, maps)


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("channels", [3, 12])
@pytest.mark.parametrize("wanted", [("image",), ("maps",), ("image", "maps")])
def test_blocks_change_neither_values_nor_gradients(monkeypatch, wanted, channels, order):
    monkeypatch.setattr(light_curve, "_BLOCK", 3 * 5 * 2)  # two rows, and one is left over
    image, maps = inputs(channels, (7, 5))
    results = []
    for curve in (light_curve._CurveInBlocks.apply, light_curve._curve):
        leaves = dict(image=image.clone(), maps=maps.clone())
        for name in wanted:
            leaves[name].requires_grad_()
        out = curve(leaves["image"], leaves["maps"], 4, order)
        out.square().sum().backward()
        results.append([out.detach(), *(leaves[name].grad for name in wanted)])
        assert all((leaf.grad is not None) == (name in wanted) for name, leaf in leaves.items())
    for blockwise, whole in zip(*results, strict=True):
        torch.testing.assert_close(blockwise, whole, rtol=1e-12, atol=1e-12)
    assert len(light_curve._blocks(image, light_curve._BLOCK)) == 2 * 4


@pytest.mark.parametrize("order", [2, 3])
def test_without_gradients_the_values_are_the_same(monkeypatch, order):
    monkeypatch.setattr(light_curve, "_BLOCK", 15)
    image, maps = inputs(3, (7, 5))
    before = image.clone()
    with torch.no_grad():
        out = apply_light_curve(image, maps, 8, order)
    torch.testing.assert_close(out, light_curve._curve(image, maps, 8, order), rtol=1e-6, atol=1e-6)
    assert torch.equal(image, before)


@pytest.mark.parametrize(("channels", "blocks"), [(3, True), (24, False)])
def test_a_shared_map_is_applied_in_blocks(channels, blocks):
    image, maps = inputs(channels)
    out = apply_light_curve(image, maps.requires_grad_())
    assert (type(out.grad_fn).__name__ == "_CurveInBlocksBackward") == blocks


@pytest.mark.parametrize("channels", [1, 3])
def test_a_photograph_with_its_channels_last(monkeypatch, channels):
    monkeypatch.setattr(light_curve, "_BLOCK", 6)
    image, maps = inputs(channels, size=(5, 4))
    photograph = image.contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        result = apply_light_curve(photograph, maps)
    assert torch.equal(result, apply_light_curve(image, maps))
    assert result.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(photograph, image)


def test_traced_curve_holds_no_blocks(monkeypatch):
    monkeypatch.setattr(light_curve, "_BLOCK", 1)
    image, maps = inputs(3, (6, 4))
    traced = torch.jit.trace(lambda x, r: apply_light_curve(x, r), (image, maps))
    larger = inputs(3, (9, 5))
    torch.testing.assert_close(traced(*larger), apply_light_curve(*larger))
