import io

import numpy as np
import pytest
import torch
from PIL import Image

from mmlle.media.image_io import UnreadableImageError, encode_image
from mmlle.media.image_kinds import to_bgr, to_photograph, to_rgb
from mmlle.testing import dark_image
from mmlle.utils.errors import UserError

BGR = dark_image(6, 7)
RGB = np.ascontiguousarray(BGR[..., ::-1])
ALPHA = (np.arange(42).reshape(6, 7) * 6).astype(np.uint8)


class TestArrays:
    @pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
    @pytest.mark.parametrize("kind", ["grey", "BGR", "BGRA"])
    def test_there_and_back(self, dtype, kind):
        array = {"grey": ALPHA, "BGR": BGR, "BGRA": np.dstack([BGR, ALPHA])}[kind]
        array = array.astype(dtype) * 257 if dtype == np.uint16 else array.astype(dtype)
        array = array / 255 if np.issubdtype(dtype, np.floating) else array
        rgb, like = to_rgb(array)
        expected = np.repeat(ALPHA[..., None], 3, -1) if kind == "grey" else RGB
        assert rgb.dtype == np.float32
        np.testing.assert_allclose(rgb, expected / 255, atol=1e-7)
        result = like(rgb)
        assert (result.dtype, result.shape) == (dtype, array.shape)
        np.testing.assert_allclose(
            result, array, rtol=0, atol=1e-6 if np.issubdtype(dtype, np.floating) else 0
        )
        assert result.flags.c_contiguous

    def test_alpha_stays(self):
        _, like = to_rgb(np.dstack([BGR, ALPHA]))
        result = like(np.ones((6, 7, 3), np.float32))
        assert (result[..., :3] == 255).all()
        assert np.array_equal(result[..., 3], ALPHA)
        assert like(np.ones((12, 14, 3), np.float32)).shape == (12, 14, 4)

    def test_what_lies_outside_is_clipped(self):
        _, like = to_rgb(BGR)
        assert like(np.full((1, 1, 3), 1.2, np.float32)).tolist() == [[[255] * 3]]
        assert like(np.full((1, 1, 3), -0.2, np.float32)).tolist() == [[[0] * 3]]

    @pytest.mark.parametrize(
        "array", [np.zeros((2, 3, 3), np.int64), np.zeros((2, 3, 2), np.uint8), np.zeros(3, np.uint8)]
    )
    def test_others_are_refused(self, array):
        with pytest.raises(UserError, match=r"An array is .*got \(.*\) of (int64|uint8)"):
            to_rgb(array)


class TestPIL:
    @pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA"])
    def test_there_and_back(self, mode):
        image = Image.fromarray(np.dstack([RGB, ALPHA])).convert(mode)
        rgb, like = to_rgb(image)
        assert np.array_equal(np.rint(rgb * 255), np.asarray(image.convert("RGB")))
        result = like(rgb)
        assert result.mode == mode
        assert np.array_equal(np.asarray(result), np.asarray(image))

    @pytest.mark.parametrize(("mode", "becomes"), [("P", "RGB"), ("CMYK", "RGB"), ("1", "L")])
    def test_others_become_one_of_these(self, mode, becomes):
        image = Image.fromarray(RGB).convert(mode)
        rgb, like = to_rgb(image)
        assert like(rgb).mode == becomes
        assert np.array_equal(np.asarray(like(rgb)), np.asarray(image.convert(becomes)))

    @pytest.mark.parametrize(("dtype", "full"), [(np.uint16, 65535), (np.float32, 1)])
    def test_grey_of_16_bits_and_of_floats(self, dtype, full):
        grey = (ALPHA / 255 * full).astype(dtype)
        rgb, like = to_rgb(Image.fromarray(grey))
        np.testing.assert_allclose(rgb, np.repeat(grey[..., None] / full, 3, -1), atol=1e-6)
        result = np.asarray(like(rgb))
        assert result.dtype == dtype
        np.testing.assert_allclose(result, grey, atol=0 if dtype == np.uint16 else 1e-6)

    def test_transparency_of_a_palette_and_multiplied_colours(self):
        palette = Image.fromarray(RGB).convert("P")
        palette.info["transparency"] = bytes([0, 128, *[255] * 254])
        for image in (palette, Image.fromarray(np.dstack([RGB, ALPHA])).convert("RGBa")):
            rgb, like = to_rgb(image)
            assert np.array_equal(np.asarray(like(rgb)), np.asarray(image.convert("RGBA")))

    def test_what_it_knows_of_the_photograph_stays(self):
        image = Image.fromarray(RGB)
        image.info = dict(exif=b"Exif\0\0x", icc_profile=b"p", dpi=(90, 90), transparency=3, gamma=1)
        _, like = to_rgb(image)
        assert like(RGB / np.float32(255)).info == dict(exif=b"Exif\0\0x", icc_profile=b"p", dpi=(90, 90))

    def test_integers_of_32_bits_are_refused(self):
        with pytest.raises(UserError, match="32-bit integers"):
            to_rgb(Image.fromarray(RGB[..., 0].astype(np.int32)))

    def test_an_enlarged_image_has_an_enlarged_alpha(self):
        _, like = to_rgb(Image.fromarray(np.dstack([RGB, ALPHA])))
        assert like(np.ones((24, 28, 3), np.float32)).size == (28, 24)


class TestTensors:
    @pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.float16, torch.float64])
    @pytest.mark.parametrize("batch", [False, True])
    def test_there_and_back(self, dtype, batch):
        tensor = torch.from_numpy(RGB).permute(2, 0, 1)
        tensor = tensor if dtype == torch.uint8 else (tensor / 255).to(dtype)
        tensor = tensor[None] if batch else tensor
        rgb, like = to_rgb(tensor)
        np.testing.assert_allclose(rgb, RGB / 255, atol=2e-4 if dtype == torch.float16 else 1e-7)
        result = like(rgb)
        assert (result.dtype, result.shape) == (dtype, tensor.shape)
        torch.testing.assert_close(result, tensor, rtol=0, atol=1e-7)
        assert like(np.ones((12, 14, 3), np.float32)).shape == (*tensor.shape[:-2], 12, 14)

    @pytest.mark.parametrize("shape", [(2, 3, 4, 5), (4, 5), (4, 5, 3), (1, 1, 3, 4, 5)])
    def test_others_are_refused(self, shape):
        with pytest.raises(UserError, match=r"A tensor is \(3, H, W\).*got"):
            to_rgb(torch.zeros(shape))


class TestBytes:
    @pytest.mark.parametrize(
        ("suffix", "format"),
        [(".png", "PNG"), (".jpg", "JPEG"), (".tif", "TIFF"), (".webp", "WEBP"), (".bmp", "BMP")],
    )
    def test_the_format_stays(self, suffix, format):
        content = encode_image(BGR, f"x{suffix}")
        rgb, like = to_rgb(content)
        result = Image.open(io.BytesIO(like(rgb)))
        assert result.format == format
        if suffix not in (".jpg", ".webp"):
            assert np.array_equal(np.asarray(result), RGB)

    def test_one_that_cannot_be_written_becomes_png(self):
        stream = io.BytesIO()
        Image.fromarray(RGB).save(stream, "GIF")
        rgb, like = to_rgb(stream.getvalue())
        assert Image.open(io.BytesIO(like(rgb))).format == "PNG"

    def test_they_may_be_held_by_any_type(self):
        content = encode_image(BGR, "x.png")
        for held in (bytearray(content), memoryview(content)):
            rgb, like = to_rgb(held)
            assert like(rgb) == to_rgb(content)[1](rgb)
            assert np.array_equal(to_photograph(held).pixels, rgb)

    def test_what_is_no_image(self):
        with pytest.raises(UnreadableImageError):
            to_rgb(b"text")


def test_any_kind_becomes_8_bit_bgr(tmp_path):
    tensor = torch.from_numpy(RGB).permute(2, 0, 1)
    kinds = (BGR, Image.fromarray(RGB), tensor, tensor / 255, BGR / 255, encode_image(BGR, "x.png"))
    (tmp_path / "x.png").write_bytes(kinds[-1])
    for image in (*kinds, tmp_path / "x.png", str(tmp_path / "x.png")):
        for rgb in (to_rgb(image)[0], to_photograph(image).pixels):
            result = to_bgr(rgb)
            assert result.dtype == np.uint8
            assert np.array_equal(result, BGR)


def test_a_photograph_has_what_is_known_of_it():
    deep = np.dstack([BGR, ALPHA]).astype(np.uint16) * 257
    photograph = to_photograph(deep)
    assert (photograph.depth, photograph.grey) == ("uint16", False)
    assert np.array_equal(photograph.alpha, deep[..., 3])
    assert to_photograph(ALPHA).grey
    image = Image.fromarray(RGB)
    image.getexif()[0x0112] = 6
    image.info.update(icc_profile=b"p", dpi=(90.0, 90.0), xmp="<x/>")
    photograph = to_photograph(image)
    assert np.array_equal(to_bgr(photograph.pixels), np.rot90(BGR, -1))
    assert (photograph.icc_profile, photograph.dpi, photograph.xmp) == (b"p", (90.0, 90.0), b"<x/>")


@pytest.mark.parametrize("wrong", [np.full((2, 2), np.nan), np.full((2, 2, 3), np.inf), np.zeros((0, 4, 3))])
def test_nothing_and_what_is_no_number_are_refused(wrong):
    for image in (wrong, torch.from_numpy(wrong).expand(3, -1, -1) if wrong.ndim == 2 else wrong):
        with pytest.raises(UserError, match="NaN or infinite|An array is"):
            to_rgb(image)


def test_others_are_refused():
    with pytest.raises(UserError, match="got a list"):
        to_rgb([1])
