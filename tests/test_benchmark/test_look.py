import numpy as np

from mmlle.benchmark.look import LookTimes, photograph, time_look


class Gamma:
    """Counts what it is asked for."""

    scale = 1
    look: dict = {}

    def __init__(self):
        self.shapes = []

    def enhance_batch(self, images, strengths):
        self.shapes.append((images.shape, strengths.shape))
        return images ** (1 - 0.5 * strengths)


def test_all_stages_are_timed():
    backend = Gamma()
    times = time_look(backend, (48, 64), repeats=2)
    assert min(times) > 0
    whole = [shapes for shapes in backend.shapes if shapes == ((1, 3, 48, 64), (1, 1, 48, 64))]
    assert len(whole) == 3 * (1 + 5)  # turns, the photograph and five pictures


def test_the_share_is_that_of_all_but_the_enhancement():
    assert LookTimes(1, 2, 30, 3, 40).share == 0.2


def test_the_photograph_is_dark_below_its_sky():
    image = photograph(64, 96)
    assert image.shape == (64, 96, 3)
    assert image.dtype == np.float32
    assert image[:16].mean() > 0.7
    assert image[16:].mean() < 0.15
    assert image.max() <= 1
