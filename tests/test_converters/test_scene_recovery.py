import numpy as np
import pytest
from PIL import Image

from mmlle.converters.scene_recovery import rank_signature, split_into_scenes
from mmlle.datasets.low_light_synthesis import simulate_low_light

from .pictures import smooth_picture


def signature(scene: int, exposure: float = 1.0) -> np.ndarray:
    frame = simulate_low_light(smooth_picture(scene, 96, 64), exposure, np.random.default_rng(scene))
    return rank_signature(Image.fromarray(frame))


def test_a_signature_has_length_one_and_mean_zero_even_for_a_flat_image():
    for vector in (signature(0), rank_signature(Image.new("L", (5, 9)))):
        assert vector.shape == (48 * 48,)
        assert np.linalg.norm(vector) == pytest.approx(1)
        assert vector.mean() == pytest.approx(0, abs=1e-12)


def test_exposure_changes_the_correlation_little_and_the_scene_much():
    assert signature(1) @ signature(1, 0.05) > 0.95
    assert abs(signature(1) @ signature(2)) < 0.5


def test_scenes_are_numbered_in_order_and_a_broken_frame_joins_the_one_before():
    frames = [signature(1), None, signature(1, 0.1), signature(2), signature(3), None]
    assert split_into_scenes(frames) == [1, 1, 1, 2, 3, 3]


def test_a_scene_may_come_again_later_as_another_one():
    assert split_into_scenes([signature(1), signature(2), signature(1)]) == [1, 2, 3]


def test_nothing_gives_nothing():
    assert split_into_scenes([]) == []
