import json

import numpy as np
import pytest
from PIL import Image

from mmlle.utils.errors import UserError
from mmlle.utils.training_logs import draw_curves, read_scalars, smoothed


def write(folder, *records):
    path = folder / "vis_data/scalars.json"
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


@pytest.fixture
def run(tmp_path):
    """A training that broke off after the third iteration and was resumed from the second."""
    folder = tmp_path / "run"
    train = [dict(lr=0.1, time=1.0, data_time=0.5, iter=i, epoch=1, step=i, loss=float(i)) for i in (1, 2, 3)]
    write(folder / "20260101_000000", *train, dict(PSNR=15.0, time=2.0, step=1))
    write(folder / "20260102_000000", dict(loss=30.0, iter=3, step=3), dict(loss=40.0, iter=4, step=4))
    return folder


def test_a_resumed_training_is_one_curve_and_bookkeeping_is_left_out(run):
    assert read_scalars(run) == dict(loss={1: 1, 2: 2, 3: 30, 4: 40}, PSNR={1: 15})


def test_smoothing_by_hand():
    values = [1.0, 3.0, 5.0, 100.0]
    np.testing.assert_allclose(smoothed(values, 1), values)
    np.testing.assert_allclose(smoothed(values, 3), [1, 2, 3, 36])
    assert smoothed([], 3).size == 0
    np.testing.assert_allclose(smoothed(values, 5), values)  # too few for an average


def test_each_name_has_a_panel_with_a_curve_of_each_training(run, tmp_path):
    write(tmp_path / "other/20260101_000000", dict(loss=3.0, step=1), dict(loss_color=0.5, step=1))
    out = tmp_path / "new/curves.png"
    runs = {"first": read_scalars(run), "second": read_scalars(tmp_path / "other")}
    assert draw_curves(runs, ["*"], 1, out) == ["loss", "PSNR", "loss_color"]
    with Image.open(out) as picture:
        assert picture.size == (1350, 280)
        assert len(np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)) > 10


def test_wildcards_choose(run, tmp_path):
    curves = read_scalars(run)
    assert draw_curves({"a": curves}, ["lo*"], 1, tmp_path / "c.png") == ["loss"]
    with pytest.raises(UserError, match=r"accuracy\*.*loss, PSNR"):
        draw_curves({"a": curves}, ["accuracy*"], 1, tmp_path / "d.png")
    assert not (tmp_path / "d.png").exists()


@pytest.mark.parametrize("content", [None, ""])
def test_a_folder_without_logs_is_named(tmp_path, content):
    if content is not None:
        write(tmp_path / "run/20260101_000000")
    with pytest.raises(UserError, match=f"{tmp_path}/run"):
        read_scalars(tmp_path / "run")
