from mmengine.config import Config

from mmlle.benchmark.loading import measure_loading, write_scenes
from mmlle.media.image_io import list_images, read_image

from . import ROOT


def test_scenes_are_brighter_from_frame_to_frame(tmp_path):
    write_scenes(tmp_path, scenes=2, frames=3, height=20, width=30)
    assert list_images(tmp_path) == [f"{scene}/{frame}.jpg" for scene in range(2) for frame in range(3)]
    means = [read_image(tmp_path / f"1/{frame}.jpg").mean() for frame in range(3)]
    assert means == sorted(means)
    assert read_image(tmp_path / "0/0.jpg").shape == (20, 30, 3)


def test_loading_is_timed_with_and_without_the_cache():
    config = Config.fromfile(ROOT / "configs/pairlie/pairlie_sice.py")
    times = measure_loading(config, scenes=2, frames=2, height=150, width=200, samples=3)
    assert min(times.build, times.decoding, times.cached) > 0
    # Four images of three bytes a pixel, and the small files beside.
    pixels = 4 * 3 * 150 * 200
    assert pixels <= times.cache_size < 1.1 * pixels
