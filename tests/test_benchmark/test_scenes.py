import numpy as np
import pytest
from mmengine.config import Config

from mmlle.benchmark.scenes import CLASSES, draw_scene, make_scene_benchmark
from mmlle.benchmark.semantics import Segmentor, read_label_image
from mmlle.media.color import mean_luma
from mmlle.media.image_io import list_images, read_image


def test_each_scene_has_all_classes_and_is_well_exposed():
    seen = np.zeros(len(CLASSES), int)
    for seed in range(10):
        image, labels = draw_scene(seed, 64)
        assert image.shape == (64, 64, 3)
        assert labels.shape == (64, 64)
        assert labels.max() < len(CLASSES)
        seen[np.unique(labels)] += 1
        assert 90 < mean_luma(image) < 210
    assert seen.min() >= 8  # one may be hidden


def test_the_same_seed_is_the_same_scene():
    assert np.array_equal(draw_scene(1)[0], draw_scene(1)[0])
    assert not np.array_equal(draw_scene(1)[0], draw_scene(2)[0])


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_benchmark_can_be_read_again(tmp_path):
    loss = make_scene_benchmark(tmp_path, count=2, steps=2, side=32)
    assert 0 < loss < 10
    assert list_images(tmp_path / "images") == list_images(tmp_path / "labels") == ["000.png", "001.png"]
    image, labels = draw_scene(1, 32)
    assert np.array_equal(read_image(tmp_path / "images/001.png"), image)
    assert np.array_equal(read_label_image(tmp_path / "labels/001.png", (32, 32), 5), labels)
    assert Config.fromfile(tmp_path / "segmentor.py").default_scope == "mmseg"
    segmentor = Segmentor(tmp_path / "segmentor.py", tmp_path / "segmentor.pth", "cpu")
    assert segmentor.num_classes == len(CLASSES)
    assert segmentor(image).shape == (32, 32)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_segmentor_learns_the_classes(tmp_path):
    make_scene_benchmark(tmp_path, count=4, steps=60, side=64)
    segmentor = Segmentor(tmp_path / "segmentor.py", tmp_path / "segmentor.pth", "cpu")
    scenes = [draw_scene(seed, 64) for seed in range(4)]
    right = np.mean([(segmentor(image) == labels).mean() for image, labels in scenes])
    common = np.mean([np.bincount(labels.ravel()).max() / labels.size for _, labels in scenes])
    assert right > common + 0.1
