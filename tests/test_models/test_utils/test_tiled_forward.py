from importlib import import_module

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from mmlle.models.utils import pad_to_multiple, tiled_forward

# The package gives the function of this name.
MODULE = import_module("mmlle.models.utils.tiled_forward")


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(MODULE, "tile_side", lambda *_: 8)


def three_layers():
    """Convolutions with biases, so that the zeros beyond the image matter in each layer."""
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers, nn.Conv2d(4, 5, 3, padding=1)).double()


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("size", [(8, 8), (14, 14), (15, 9), (16, 24), (17, 23), (1, 50), (50, 1), (33, 40)])
@torch.no_grad()
def test_the_result_is_that_of_the_whole_image(size):
    network = three_layers()
    image = torch.rand(2, 3, *size, dtype=torch.float64)
    result = tiled_forward(network, image, halo=3)
    assert result.shape == (2, 5, *size)
    torch.testing.assert_close(result, network(image), rtol=0, atol=1e-12)


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("size", [(15, 9), (17, 23), (1, 50), (33, 40)])
@torch.no_grad()
def test_so_is_that_of_a_function_that_enlarges(size):
    network = nn.Sequential(three_layers(), nn.Upsample(scale_factor=3))
    image = torch.rand(2, 3, *size, dtype=torch.float64)
    result = tiled_forward(network, image, halo=3, scale=3)
    assert result.shape == (2, 5, 3 * size[0], 3 * size[1])
    torch.testing.assert_close(result, network(image), rtol=0, atol=1e-12)


@pytest.mark.usefixtures("small_tiles")
@torch.no_grad()
def test_a_smaller_overlap_would_not_do():
    network = three_layers()
    image = torch.rand(1, 3, 30, 30, dtype=torch.float64)
    assert not torch.allclose(tiled_forward(network, image, halo=2), network(image))


@pytest.mark.usefixtures("small_tiles")
def test_no_tile_is_larger_than_said_and_every_pixel_is_made_once():
    seen = []

    def count(tile):
        seen.append(tuple(tile.shape[-2:]))
        return tile + 1

    image = torch.rand(1, 3, 20, 30)
    assert torch.equal(tiled_forward(count, image, halo=2), image + 1)
    assert len(seen) == 3 * 4
    assert max(max(size) for size in seen) == 8 + 2 * 2


def test_an_image_of_about_a_tile_is_done_in_one_go(monkeypatch):
    seen = []
    monkeypatch.setattr(MODULE, "tile_side", lambda *_: 64)
    image = torch.rand(1, 1, 64 + 6, 5)
    tiled_forward(lambda tile: seen.append(tile) or tile, image, halo=3)
    assert len(seen) == 1
    assert seen[0] is image


@pytest.mark.usefixtures("small_tiles")
def test_the_type_is_that_of_the_function():
    image = torch.rand(1, 3, 30, 30)
    assert tiled_forward(lambda tile: F.relu(tile).bfloat16(), image, halo=0).dtype == torch.bfloat16


class TestMultiples:
    """A function that pads to multiples of four by reflection and works on every fourth pixel."""

    @staticmethod
    def reduce(image):
        image, inside = pad_to_multiple(image, 4)
        reduced = F.interpolate(F.max_pool2d(image, 4), scale_factor=4)
        return reduced[(..., *inside)]

    @pytest.mark.usefixtures("small_tiles")
    @pytest.mark.parametrize("size", [(8, 40), (17, 23), (1, 50), (33, 42), (30, 27)])
    def test_tiles_begin_and_end_at_multiples(self, size):
        image = torch.rand(1, 2, *size)
        assert torch.equal(tiled_forward(self.reduce, image, halo=1, multiple=4), self.reduce(image))

    @pytest.mark.usefixtures("small_tiles")
    def test_without_the_multiple_the_result_is_another(self):
        image = torch.rand(1, 2, 33, 42)
        assert not torch.equal(tiled_forward(self.reduce, image, halo=1), self.reduce(image))


@pytest.mark.usefixtures("small_tiles")
def test_several_outputs_by_name():
    image = torch.rand(1, 3, 20, 30)
    result = tiled_forward(lambda tile: dict(more=tile + 1, first=tile[:, :1]), image, halo=2)
    assert result.keys() == {"more", "first"}
    assert torch.equal(result["more"], image + 1)
    assert torch.equal(result["first"], image[:, :1])


@pytest.mark.usefixtures("small_tiles")
def test_several_images_are_cut_alike():
    image, field = torch.rand(1, 3, 20, 30), torch.rand(1, 1, 20, 30)
    assert torch.equal(tiled_forward(torch.mul, image, field, halo=2), image * field)


class TestTooLittleMemory:
    """A function that can only do tiles of 100 pixels and less on a side."""

    @pytest.fixture(autouse=True)
    def large_tiles(self, monkeypatch):
        monkeypatch.setattr(MODULE, "tile_side", lambda *_: 256)

    @pytest.mark.parametrize(
        "error",
        [
            torch.OutOfMemoryError("CUDA out of memory."),
            RuntimeError("DefaultCPUAllocator: can't allocate memory"),
        ],
    )
    def test_tiles_become_smaller(self, error):
        def function(tile):
            if tile.shape[-1] > 100:
                raise error
            sides.append(tile.shape[-1])
            return tile + 1

        sides = []
        image = torch.rand(1, 3, 5, 300)
        assert torch.equal(tiled_forward(function, image, halo=2), image + 1)
        assert max(sides) == 68

    def test_where_the_smallest_are_too_large_the_error_stays(self):
        def function(tile):
            raise torch.OutOfMemoryError("CUDA out of memory.")

        with pytest.raises(torch.OutOfMemoryError):
            tiled_forward(function, torch.rand(1, 3, 5, 300), halo=2)

    def test_other_errors_are_not_tried_again(self):
        def function(tile):
            calls.append(tile)
            raise RuntimeError("shapes differ")

        calls = []
        with pytest.raises(RuntimeError, match="shapes differ"):
            tiled_forward(function, torch.rand(1, 3, 5, 300), halo=2)
        assert len(calls) == 1


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize(("pixel_bytes", "returned"), [(2**21, 4), (1, 0)])
def test_what_large_tiles_took_is_returned(monkeypatch, pixel_bytes, returned):
    calls = []
    monkeypatch.setattr(MODULE, "return_freed_memory", lambda: calls.append(None))
    tiled_forward(three_layers(), torch.rand(1, 3, 16, 16).double(), halo=3, pixel_bytes=pixel_bytes)
    assert len(calls) == returned
