import numpy as np
import torch

from mmlle.benchmark.numerals import CLASSIFIER, NUM_CLASSES, draw_numeral, make_numeral_benchmark
from mmlle.evaluation import TopKRecognition
from mmlle.media.image_io import list_images, read_image


def test_all_numerals_are_drawn_each_where_it_can_be_seen():
    drawn = [draw_numeral(seed) for seed in range(60)]
    assert {numeral for _, numeral in drawn} == set(range(NUM_CLASSES))
    for picture, _ in drawn:
        assert picture.shape == (48, 48, 3)
        grounds = np.median(picture, axis=(0, 1))
        ink = (np.abs(picture - grounds) > 45).any(axis=2)
        assert ink[12:36, 12:36].sum() > 12
        border = ~np.pad(np.ones((40, 40), bool), 4)
        assert ink[border].mean() < 0.12


def test_the_same_seed_is_the_same_picture():
    assert np.array_equal(draw_numeral(3)[0], draw_numeral(3)[0])


def test_the_benchmark_is_what_the_metric_reads(tmp_path):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    assert make_numeral_benchmark(tmp_path, count=3, steps=2) > 0
    assert torch.equal(torch.get_rng_state(), before)
    assert list_images(tmp_path / "images") == [f"{number:04d}.png" for number in range(3)]
    picture, numeral = draw_numeral(2)
    assert np.array_equal(read_image(tmp_path / "images/0002.png"), picture)
    assert (tmp_path / "labels.txt").read_text().splitlines()[2] == f"0002.png {numeral}"
    files = str(tmp_path / "labels.txt"), str(tmp_path / "classifier.pth")
    metric = TopKRecognition(*files, CLASSIFIER, NUM_CLASSES, top_k=(10,))
    metric.process({}, [dict(key="0002", output=dict(bicubic=torch.zeros(3, 48, 48)))])
    assert metric.evaluate(1) == {"Top10_bicubic": 100}
