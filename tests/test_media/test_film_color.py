import numpy as np
import pytest

from mmlle.media.film_color import LUMA_COEFFICIENTS, FilmColor

#: BILINEAR, FULL_CHR_H_INT, FULL_CHR_H_INP and ACCURATE_RND of FFmpeg's swscale.h; PyAV 17 names one of them.
EXACT_BILINEAR = 0x2 | 0x2000 | 0x4000 | 0x40000


def test_white_black_and_red_by_hand():
    rgb = np.array([[[1, 1, 1], [0, 0, 0], [1, 0, 0]]], np.float32)
    shapes = [(1, 3)] * 3
    # BT.601: luma of red 0.299, Cb -0.168736, Cr 0.5.
    assert [p[0].tolist() for p in FilmColor(6, False, 8).to_planes(rgb, shapes)] == [
        [235, 16, round(16 + 219 * 0.299)],
        [128, 128, round(128 - 224 * 0.168736)],
        [128, 128, 240],
    ]
    assert [p[0].tolist() for p in FilmColor(6, True, 10).to_planes(rgb, shapes)] == [
        [1023, 0, round(1023 * 0.299)],
        [512, 512, round(512 - 1023 * 0.168736)],
        [512, 512, 1023],
    ]


@pytest.mark.parametrize("matrix", LUMA_COEFFICIENTS)
@pytest.mark.parametrize(("depth", "full"), [(8, False), (8, True), (10, False), (12, True)])
def test_there_and_back(matrix, depth, full):
    color = FilmColor(matrix, full, depth)
    rgb = np.random.default_rng(0).random((6, 8, 3), np.float32)
    planes = color.to_planes(rgb, [(6, 8)] * 3)
    assert all(plane.dtype == (np.uint8 if depth == 8 else np.uint16) for plane in planes)
    back = color.to_rgb(planes)
    assert np.abs(back - rgb).max() < 2 / 2**depth
    for plane, again in zip(planes, color.to_planes(back, [(6, 8)] * 3), strict=True):
        assert np.abs(plane.astype(int) - again).max() <= 1


@pytest.mark.parametrize(("matrix", "full"), [(1, 0), (1, 1), (6, 0), (9, 0)])
def test_as_ffmpeg_converts(matrix, full):
    av = pytest.importorskip("av")
    rng = np.random.default_rng(0)
    planes = [rng.integers(100, 150, (32, 32)).astype(np.uint8) for _ in range(3)]
    frame = av.VideoFrame.from_ndarray(np.stack(planes), "yuv444p")
    frame.colorspace, frame.color_range = matrix, full + 1
    expected = frame.reformat(format="rgb24", interpolation=EXACT_BILINEAR).to_ndarray()
    found = FilmColor(matrix, bool(full), 8).to_rgb(planes)
    assert np.abs(255 * found - expected).max() < 0.55


def test_reduced_chroma_stays_where_it_is():
    y, x = np.mgrid[0:1:20j, 0:1:30j]
    rgb = np.stack([x, y, 1 - x], axis=-1).astype(np.float32)
    color = FilmColor(1, False, 8)
    planes = color.to_planes(rgb, [(20, 30), (10, 15), (10, 15)])
    again = color.to_planes(color.to_rgb(planes), [(20, 30), (10, 15), (10, 15)])
    for plane, other in zip(planes, again, strict=True):
        assert np.abs(plane.astype(int) - other)[1:-1, 1:-1].max() <= 1


def test_greyscale():
    grey = np.array([[0, 0.25, 1]], np.float32)
    color = FilmColor(1, False, 8)
    (plane,) = color.to_planes(np.repeat(grey[..., None], 3, axis=2), [(1, 3)])
    assert plane.tolist() == [[16, round(16 + 219 / 4), 235]]
    assert np.abs(color.to_rgb([plane])[..., 1] - grey).max() < 1 / 255


def test_what_lies_beyond_white_and_black_is_clipped():
    rgb = FilmColor(1, False, 8).to_rgb(
        [np.array([[255, 0]], np.uint8)] + [np.full((1, 2), 128, np.uint8)] * 2
    )
    assert rgb.tolist() == [[[1, 1, 1], [0, 0, 0]]]
