import numpy as np
import pytest

pytest.importorskip("av")

from mmlle.testing import read_film, write_film


def test_what_is_written_is_read(tmp_path):
    pictures = [np.full((32, 48, 3), level, np.float32) for level in (0.1, 0.5, 0.9)]
    times, images = read_film(write_film(tmp_path / "n/x.mp4", pictures, times=[0, 0.1, 0.5], sound=True))
    assert times == pytest.approx([0, 0.1, 0.5], abs=1e-3)
    assert [image.shape for image in images] == [(32, 48, 3)] * 3
    assert [image.mean() / 255 for image in images] == pytest.approx([0.1, 0.5, 0.9], abs=0.02)
