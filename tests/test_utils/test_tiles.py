import numpy as np
import pytest

from mmlle.utils import tiles
from mmlle.utils.tiles import plan_tiles, tile_side

GIB = 2**30


@pytest.fixture(autouse=True)
def cache_of_32_mib(monkeypatch):
    monkeypatch.setattr(tiles, "cache_size", lambda: 2**25)


@pytest.mark.parametrize("scale", [1, 4])
@pytest.mark.parametrize("size", [(1, 1), (64, 64), (65, 130), (200, 63)])
def test_each_pixel_of_the_result_is_made_once_and_in_its_place(size, scale):
    image = np.arange(size[0] * size[1]).reshape(size)
    enlarged = image.repeat(scale, 0).repeat(scale, 1)
    made = np.zeros_like(enlarged)
    count = np.zeros_like(enlarged)
    for tile in plan_tiles(*size, side=64, halo=5, scale=scale):
        part = image[tile.source].repeat(scale, 0).repeat(scale, 1)
        made[tile.target] = part[tile.inside]
        count[tile.target] += 1
    assert (count == 1).all()
    assert (made == enlarged).all()


def test_tiles_overlap_by_twice_the_halo():
    first, second = plan_tiles(10, 100, side=64, halo=5)
    assert first.source == (slice(0, 10), slice(0, 69))
    assert second.source == (slice(0, 10), slice(59, 100))
    assert second.inside == (slice(0, 10), slice(5, 41))


def test_on_a_cpu_tiles_fit_into_the_cache(monkeypatch):
    assert tile_side(7, 1312, 16 * GIB, on_cpu=True) == 192
    assert tile_side(10, 832, 16 * GIB, on_cpu=True) == 256
    for size in (2**26, 2**27):
        monkeypatch.setattr(tiles, "cache_size", lambda size=size: size)
        assert tile_side(7, 1312, 16 * GIB, on_cpu=True) == 256


def test_they_are_not_so_small_that_much_is_computed_twice(monkeypatch):
    monkeypatch.setattr(tiles, "cache_size", lambda: 2**20)
    assert tile_side(7, 1312, 16 * GIB, on_cpu=True) == 128
    assert tile_side(3, 12288, 16 * GIB, on_cpu=True) == 64
    assert tile_side(10, 832, 16 * GIB, on_cpu=True) == 192
    assert tile_side(24, 1824, 16 * GIB, on_cpu=True) == 576  # what the memory allows


@pytest.mark.parametrize(("memory", "side"), [(16 * GIB, 640), (GIB, 256), (GIB // 4, 64), (0, 64)])
def test_where_the_overlap_is_large_they_fit_into_the_free_memory(memory, side):
    assert tile_side(144, 896, memory, on_cpu=True) == side
    assert (side + 288) ** 2 * 896 <= max(memory // 4, 352**2 * 896)


@pytest.mark.parametrize(("held", "side"), [(0, 640), (GIB // 3, 384), (GIB, 256)])
def test_what_a_large_image_takes_counts(held, side):
    assert tile_side(144, 896, 16 * GIB, True, held) == side


def test_on_other_devices_too():
    assert tile_side(7, 1312, 64 * GIB, on_cpu=False) == 3584


def test_the_free_memory_is_a_sensible_number():
    assert 2**26 < tiles.free_memory() < 2**50


def test_where_the_system_says_nothing_there_are_defaults(monkeypatch, tmp_path):
    monkeypatch.setattr(tiles, "Path", lambda *_: tmp_path / "missing")
    assert tiles.free_memory() == 2**32


class TestApply:
    """A sum over a window of 3×3 pixels, in tiles."""

    image = np.random.default_rng(0).random((2, 3, 40, 200))

    @staticmethod
    def add_up(image):
        padded = np.pad(image, [(0, 0), (0, 0), (1, 1), (1, 1)])
        return np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3)).sum(axis=(-1, -2))

    @staticmethod
    def empty(part, size):
        return np.empty((*part.shape[:2], *size), part.dtype)

    def test_the_result_is_that_of_the_whole_image(self):
        sides = []
        found = tiles.apply_in_tiles(self.add_up, [self.image], 16, 1, 1, self.empty, sides.append)
        np.testing.assert_allclose(found, self.add_up(self.image), atol=1e-12)
        assert not sides

    @pytest.mark.parametrize("error", [MemoryError(), RuntimeError("std::bad_alloc")])
    def test_where_memory_does_not_suffice_they_become_smaller(self, error):
        def function(image):
            if image.shape[-1] > 100:
                raise error
            return dict(total=self.add_up(image))

        sides = []
        found = tiles.apply_in_tiles(function, [self.image], 150, 1, 1, self.empty, sides.append)
        np.testing.assert_allclose(found["total"], self.add_up(self.image), atol=1e-12)
        assert sides == [64]

    def test_the_smallest_and_other_errors_are_raised(self):
        def fail(error):
            raise error

        for error, side in ((MemoryError(), 64), (ValueError("other"), 512)):
            with pytest.raises(type(error)):
                tiles.apply_in_tiles(
                    lambda _, error=error: fail(error), [self.image], side, 1, 1, self.empty, fail
                )
