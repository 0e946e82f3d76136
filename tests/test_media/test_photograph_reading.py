"""Reading by format: of ``pillow_reading``, ``tiff_reading`` and ``photograph_assembly`` as well."""

import io
import struct
import subprocess
import sys
import time
import zlib

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, PngImagePlugin

from mmlle.media.color import srgb_to_linear
from mmlle.media.image_file import UnreadableImageError
from mmlle.media.image_io import read_image
from mmlle.media.image_kinds import to_bgr
from mmlle.media.photograph import Photograph
from mmlle.media.photograph_reading import read_photograph
from mmlle.media.photograph_writing import encode_photograph
from mmlle.media.png_encoder import encode_png
from mmlle.media.tiff_encoder import encode_tiff

from .photographs import XMP, encoded, exif, noise, profile, smooth, table

TURNS = [
    (1, lambda p: p),
    (2, lambda p: p[:, ::-1]),
    (3, lambda p: p[::-1, ::-1]),
    (4, lambda p: p[::-1]),
    (5, lambda p: p.swapaxes(0, 1)),
    (6, lambda p: np.rot90(p, -1)),
    (7, lambda p: p[::-1, ::-1].swapaxes(0, 1)),
    (8, lambda p: np.rot90(p)),
]


def tagged(samples, *tags):
    """TIFF with further tags."""
    stream = io.BytesIO()
    tifffile.imwrite(
        stream, samples, photometric="rgb", extratags=[(*tag, True) for tag in tags], metadata=None
    )
    return stream.getvalue()


class TestPixels:
    @pytest.mark.parametrize("encode", [encode_png, encode_tiff])
    @pytest.mark.parametrize("depth", ["uint8", "uint16", "float32"])
    @pytest.mark.parametrize("channels", [1, 2, 3, 4])
    def test_lossless(self, encode, depth, channels):
        if encode is encode_png and depth == "float32":
            pytest.skip("PNG has no floats")
        samples = noise(13, 17, channels, depth)
        photograph = read_photograph(encode(samples))
        full = 1 if depth == "float32" else np.iinfo(depth).max
        assert photograph.depth == depth
        assert photograph.grey == (channels < 3)
        color = samples[..., : 1 if channels < 3 else 3].astype(np.float32) / np.float32(full)
        assert np.array_equal(photograph.pixels, np.broadcast_to(color, (13, 17, 3)))
        assert photograph.pixels.dtype == np.float32
        if channels in (2, 4):
            assert np.array_equal(photograph.alpha, samples[..., -1])
            assert photograph.alpha.dtype == depth
        else:
            assert photograph.alpha is None

    @pytest.mark.parametrize("compression", [1, 5, 8, 32773])
    @pytest.mark.parametrize("depth", ["uint16", "float32"])
    def test_tiff_of_others(self, compression, depth):
        samples = noise(13, 17, 3, depth)
        _, content = cv2.imencode(".tif", samples[..., ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, compression])
        full = 1 if depth == "float32" else 65535
        pixels = read_photograph(content.tobytes()).pixels
        assert np.array_equal(pixels, samples.astype(np.float32) / np.float32(full))

    @pytest.mark.parametrize("channels", [1, 3])
    @pytest.mark.parametrize(("largest", "kind"), [(255, "u1"), (1023, ">u2"), (65535, ">u2")])
    def test_ppm(self, channels, largest, kind):
        samples = np.random.default_rng(0).integers(0, largest, (5, 7, channels), endpoint=True)
        header = f"P{5 if channels == 1 else 6}\n# a comment\n7 5\n{largest}\n".encode()
        photograph = read_photograph(header + samples.astype(kind).tobytes())
        assert photograph.depth == ("uint8" if largest == 255 else "uint16")
        assert abs(photograph.pixels - samples / largest).max() < 1e-5

    def test_palette_gif_and_one_bit(self):
        palette = Image.fromarray(smooth()).quantize(16)
        expected = np.asarray(palette.convert("RGB")) / np.float32(255)
        for format in ("PNG", "GIF"):
            stream = io.BytesIO()
            palette.save(stream, format)
            photograph = read_photograph(stream.getvalue())
            assert np.array_equal(photograph.pixels, expected)
            assert not photograph.grey
        stream = io.BytesIO()
        Image.fromarray(smooth()[..., 0] > 100).save(stream, "PNG")
        assert read_photograph(stream.getvalue()).grey
        assert set(np.unique(read_photograph(stream.getvalue()).pixels)) == {0, 1}

    def test_a_transparent_colour_becomes_alpha(self):
        stream = io.BytesIO()
        pixels = np.zeros((4, 4, 3), np.uint8)
        pixels[1:3] = (9, 8, 7)
        Image.fromarray(pixels).save(stream, "PNG", transparency=(9, 8, 7))
        alpha = read_photograph(stream.getvalue()).alpha
        assert alpha[:, 0].tolist() == [255, 0, 0, 255]

    def test_cmyk_becomes_rgb(self):
        stream = io.BytesIO()
        Image.fromarray(smooth()).convert("CMYK").save(stream, "JPEG", quality=98)
        photograph = read_photograph(stream.getvalue())
        assert np.median(abs(photograph.pixels * 255 - smooth())) <= 3
        assert photograph.notes == ("CMYK was converted to RGB",)
        assert photograph.jpeg is None

    def test_a_transparent_grey_of_16_bits_becomes_alpha(self):
        samples = np.array([[[7], [300]]], np.uint16)
        content = encode_png(samples)
        chunk = b"tRNS" + struct.pack(">H", 300)
        marked = struct.pack(">I", 2) + chunk + struct.pack(">I", zlib.crc32(chunk))
        photograph = read_photograph(content[:33] + marked + content[33:])
        assert photograph.grey
        assert photograph.alpha.tolist() == [[65535, 0]]

    @pytest.mark.parametrize("kind", ["uint16", "float32"])
    @pytest.mark.parametrize("compression", [None, "zlib"])
    def test_a_tiff_of_channels_one_after_the_other(self, tmp_path, kind, compression):
        samples = noise(9, 7, 3, kind)
        stream = io.BytesIO()
        options = dict(photometric="rgb", planarconfig="separate", compression=compression)
        tifffile.imwrite(stream, samples.transpose(2, 0, 1), **options)
        whole = read_photograph(encode_tiff(samples)).pixels
        assert np.array_equal(read_photograph(stream.getvalue()).pixels, whole)
        if kind == "uint16":  # data sets read it too
            (tmp_path / "x.tif").write_bytes(stream.getvalue())
            assert np.array_equal(read_image(tmp_path / "x.tif"), to_bgr(whole))

    @pytest.mark.parametrize("kind", ["uint8", "uint16"])
    def test_a_tiff_whose_white_is_zero(self, kind):
        samples, stream = noise(9, 7, 1, kind)[..., 0], io.BytesIO()
        tifffile.imwrite(stream, samples, photometric="miniswhite")
        full = np.iinfo(kind).max
        expected = ((full - samples) / np.float32(full)).astype(np.float32)
        np.testing.assert_allclose(read_photograph(stream.getvalue()).pixels[..., 0], expected, atol=1e-7)

    @pytest.mark.parametrize(("orientation", "upright"), TURNS)
    def test_a_bigtiff_is_turned_once(self, orientation, upright):
        samples, stream = noise(9, 7, 3, "uint16"), io.BytesIO()
        tag = (274, "H", 1, orientation, True)
        tifffile.imwrite(stream, samples, photometric="rgb", bigtiff=True, extratags=[tag])
        pixels = read_photograph(stream.getvalue()).pixels
        np.testing.assert_allclose(pixels, upright(samples) / np.float32(65535), atol=1e-7)

    def test_exr_has_colours_multiplied_by_alpha(self, monkeypatch):
        monkeypatch.setenv("OPENCV_IO_ENABLE_OPENEXR", "1")
        premultiplied = np.full((4, 4, 4), (0.1, 0.2, 0.3, 0.5), np.float32)  # BGRA
        _, content = cv2.imencode(".exr", premultiplied)
        photograph = read_photograph(content.tobytes())
        assert photograph.alpha[0, 0] == 0.5
        assert srgb_to_linear(photograph.pixels[0, 0]) == pytest.approx([0.6, 0.4, 0.2], abs=1e-4)
        again = cv2.imdecode(
            np.frombuffer(encode_photograph(photograph, ".exr"), np.uint8), cv2.IMREAD_UNCHANGED
        )
        np.testing.assert_allclose(again, premultiplied, atol=1e-4)

    @pytest.mark.parametrize("depth", ["uint16", "float32"])
    def test_multiplied_alpha_is_divided_out(self, depth):
        full = 1 if depth == "float32" else 65535
        color, alpha = noise(9, 9, 3, "float32"), 0.25 + 0.5 * noise(9, 9, 1, "float32")
        samples = np.concatenate([color * alpha, alpha], axis=2) * full
        stream = io.BytesIO()
        tifffile.imwrite(stream, samples.astype(depth), photometric="rgb", extrasamples=["assocalpha"])
        photograph = read_photograph(stream.getvalue())
        assert abs(photograph.pixels - color).max() < 1e-3
        assert np.array_equal(photograph.alpha, samples[..., 3].astype(depth))

    def test_exr_is_linear_and_what_exceeds_white_is_kept_aside(self):
        light = noise(9, 9, 3, "float32") * 4
        from mmlle.media.color import linear_to_srgb
        from mmlle.media.photograph import Photograph
        from mmlle.media.photograph_writing import encode_photograph

        inside = np.clip(light, 0, 1)
        original = Photograph(
            linear_to_srgb(inside).astype(np.float32), depth="float32", excess=light - inside
        )
        photograph = read_photograph(encode_photograph(original, ".exr"))
        assert (photograph.format, photograph.depth) == ("EXR", "float32")
        assert photograph.pixels.max() == 1
        assert np.allclose(photograph.pixels, linear_to_srgb(inside), atol=1e-6)
        assert np.allclose(photograph.excess, light - inside, atol=1e-5)

    def test_float_tiff_beyond_white(self):
        samples = noise(9, 9, 3, "float32") * 3 - 0.5
        photograph = read_photograph(encode_tiff(samples))
        assert photograph.pixels.min() == 0
        assert photograph.pixels.max() == 1
        inside = (samples >= 0) & (samples <= 1)
        assert np.allclose(photograph.pixels[inside], samples[inside], atol=1e-6)
        assert (photograph.excess[samples > 1.01] > 0).all()

    def test_one_pixel(self):
        assert read_photograph(encoded(noise(1, 1, 3), "PNG")).pixels.shape == (1, 1, 3)


class TestOrientation:
    @pytest.mark.parametrize(("orientation", "upright"), TURNS)
    @pytest.mark.parametrize("depth", ["uint8", "uint16"])
    def test_png_with_alpha(self, orientation, upright, depth):
        samples = noise(5, 8, 4, depth)
        photograph = read_photograph(encode_png(samples, exif=exif(orientation)))
        full = np.float32(np.iinfo(depth).max)
        assert np.array_equal(photograph.pixels, upright(samples)[..., :3] / full)
        assert np.array_equal(photograph.alpha, upright(samples)[..., 3])
        again = Image.Exif()
        again.load(photograph.exif)
        assert again[0x0112] == 1

    @pytest.mark.parametrize(("orientation", "upright"), TURNS)
    @pytest.mark.parametrize("depth", ["uint8", "uint16"])
    def test_tiff(self, orientation, upright, depth):
        samples = noise(5, 8, 3, depth)
        content = tagged(samples, (274, 3, 1, orientation))
        full = np.float32(np.iinfo(depth).max)
        assert np.array_equal(read_photograph(content).pixels, upright(samples) / full)

    @pytest.mark.parametrize("format", ["JPEG", "WEBP", "AVIF"])
    def test_lossy_formats(self, format):
        content = encoded(smooth(32, 64), format, exif=b"Exif\0\0" + exif(6))
        photograph = read_photograph(content)
        assert photograph.pixels.shape == (64, 32, 3)
        assert np.median(abs(photograph.pixels * 255 - np.rot90(smooth(32, 64), -1))) < 8

    def test_xmp_alone(self):
        photograph = read_photograph(encode_png(noise(5, 8, 3), xmp=XMP))
        assert photograph.pixels.shape == (8, 5, 3)
        assert b'Orientation="1"' in photograph.xmp


class TestProperties:
    @pytest.mark.parametrize("format", ["JPEG", "WEBP", "AVIF"])
    def test_of_pillows_files(self, format):
        options = dict(exif=b"Exif\0\0" + exif(), icc_profile=profile(), xmp=XMP, dpi=(300, 300))
        photograph = read_photograph(encoded(smooth(), format, **options))
        assert b"MAKER-NOTE-0123456789" in photograph.exif
        assert b"dark picture" not in photograph.exif
        assert photograph.icc_profile == profile()
        assert b"Rating" in photograph.xmp
        assert photograph.dpi == ((300, 300) if format == "JPEG" else None)

    @pytest.mark.parametrize("encode", [encode_png, encode_tiff])
    def test_of_ours(self, encode):
        content = encode(smooth(), exif=exif(), icc_profile=profile(), xmp=b"<x/>", dpi=(240.0, 240.0))
        photograph = read_photograph(content)
        assert b"MAKER-NOTE-0123456789" in photograph.exif
        assert photograph.icc_profile == profile()
        assert photograph.xmp == b"<x/>"
        assert photograph.dpi == pytest.approx((240, 240), abs=0.01)

    @pytest.mark.parametrize("subsampling", [0, 1, 2])
    @pytest.mark.parametrize("progressive", [False, True])
    def test_jpeg_settings(self, subsampling, progressive):
        options = dict(quality=83, subsampling=subsampling, progressive=progressive)
        content = encoded(smooth(), "JPEG", **options)
        settings = read_photograph(content).jpeg
        assert (settings.subsampling, settings.progressive) == (subsampling, progressive)
        tables = Image.open(io.BytesIO(content)).quantization
        assert settings.quantization == tuple(tuple(tables[i]) for i in sorted(tables))

    def test_damaged_exif_is_left_out(self):
        photograph = read_photograph(encode_png(smooth(), exif=exif()[:30]))
        assert photograph.exif is None
        assert photograph.notes == ("damaged EXIF was left out",)

    def test_wide_gamut_becomes_srgb(self):
        pixels = np.full((4, 4, 3), (128, 64, 64), np.uint8)
        photograph = read_photograph(encode_png(pixels, icc_profile=profile()))
        # More saturated in Display P3 than the same numbers in sRGB; LittleCMS: 138, 59, 62.
        assert np.rint(photograph.pixels[0, 0] * 255).tolist() == pytest.approx([138, 59, 62], abs=1)
        assert photograph.excess is None

    @pytest.mark.parametrize("depth", ["uint8", "uint16"])
    def test_values_of_a_profile_come_back_exactly_while_the_pixels_stay(self, depth):
        samples = noise(40, 40, 3, depth)
        gamma = profile(trc=table([round(65535 * (i / 1023) ** 2.2) for i in range(1024)]))
        content = encode_png(samples, icc_profile=gamma)
        photograph = read_photograph(content)
        for same in (photograph, photograph.replaced(photograph.pixels)):
            assert encode_photograph(same, ".png") == content
        assert photograph.replaced(photograph.pixels * np.float32(0.5)).encoded is None

    def test_exif_as_imagemagick_puts_it_into_a_png(self):
        block = exif()
        text = f"\nexif\n{len(block) + 6:8d}\n{(b'Exif' + bytes(2) + block).hex()}\n"
        info = PngImagePlugin.PngInfo()
        info.add_text("Raw profile type exif", text, zip=True)
        found = read_photograph(encoded(smooth(), "PNG", pnginfo=info)).exif
        assert b"Tiny Cameras" in found

    def test_colours_of_a_png_that_are_not_followed_are_named(self):
        content = encode_png(smooth())
        for chunk, note in ((b"cICP\x09\x10\0\1", "(cICP) was not"), (b"gAMA\0\1\x86\xa0", "gamma of 1 was")):
            marked = struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
            (found,) = read_photograph(content[:33] + marked + content[33:]).notes
            assert note in found
        srgb = b"gAMA" + struct.pack(">I", 45455)
        marked = struct.pack(">I", 4) + srgb + struct.pack(">I", zlib.crc32(srgb))
        assert read_photograph(content[:33] + marked + content[33:]).notes == ()

    def test_a_jpeg_of_several_pictures(self):
        stream = io.BytesIO()
        first, second = Image.fromarray(smooth()), Image.fromarray(smooth() // 2)
        first.save(stream, "MPO", save_all=True, append_images=[second], quality=95)
        photograph = read_photograph(stream.getvalue())
        assert photograph.format == "JPEG"
        assert photograph.jpeg is not None
        assert photograph.notes == ("only the first of its pictures was read",)
        assert np.median(abs(photograph.pixels * 255 - smooth())) < 4


def animation(format):
    stream = io.BytesIO()
    frames = [Image.fromarray(smooth() // k) for k in (1, 2, 3)]
    frames[0].save(stream, format, save_all=True, append_images=frames[1:])
    return stream.getvalue()


def pages():
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(smooth(), photometric="rgb")
        writer.write(smooth(), photometric="rgb")
    return stream.getvalue()


def with_nan():
    samples = noise(5, 6, 3, "float32")
    samples[1, 2, 0] = np.nan
    samples[3, 3] = np.inf
    return encode_tiff(samples)


def claimed(format, height, width):
    """A small file whose header claims another size."""
    content = bytearray(encoded(noise(64, 64, 3), format))
    if format == "JPEG":
        place = content.index(b"\xff\xc0") + 5
        content[place : place + 4] = struct.pack(">HH", height, width)
    else:
        content[16:24] = struct.pack(">II", width, height)
        content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


REFUSED = {
    "empty": (b"", "not an image"),
    "text": (b"<html>not found</html>", "not an image"),
    "animated GIF": (animation("GIF"), "animation of 3 frames; save the frame that you want as .png"),
    "animated WebP": (animation("WEBP"), "animation of 3 frames"),
    "animated PNG": (animation("PNG"), "animation of 3 frames"),
    "two pages": (pages(), "it has 2 pages; save the page"),
    "NaN": (with_nan(), "2 of its pixels are NaN or infinite"),
    "five channels": (tagged(noise(6, 7, 5, "uint16")), "it has 5 channels; save it with four or fewer"),
    "half floats": (tagged(noise(4, 4, 3, "float32").astype(np.float16)), "it has floats of 16 bits; save"),
    "no size": (b"II*\0\x08\0\0\0" + bytes(6), "does not say how large it is"),
    "32-bit integers": (tagged(noise(4, 4, 3).astype(np.uint32)), "it has 32-bit integers; save it with"),
    "65500x65500": (claimed("JPEG", 65500, 65500), "exceeds limit"),
    "65500x65500 PNG": (claimed("PNG", 65500, 65500), "exceeds limit"),
    "20000x8000": (claimed("JPEG", 20000, 8000), r"claims 20000x8000 px .* cannot hold them"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_one_line(tmp_path, name):
    content, reason = REFUSED[name]
    path = tmp_path / "größer 照片.png"
    path.write_bytes(content)
    start = time.perf_counter()
    with pytest.raises(UnreadableImageError, match=reason) as caught:
        read_photograph(path)
    assert time.perf_counter() - start < 2
    message = str(caught.value)
    assert message.startswith(f"Cannot read the image {path}: ")
    assert "\n" not in message
    assert len(message) < 400


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF", "EXR"])
def test_no_more_pixels_than_the_caller_allows(format):
    if format == "EXR":
        content = encode_photograph(
            Photograph(smooth(20, 30).astype(np.float32) / 255, depth="float32"), ".exr"
        )
    else:
        content = encoded(smooth(20, 30), format)
    assert read_photograph(content, 600).pixels.shape == (20, 30, 3)
    with pytest.raises(UnreadableImageError, match=r"20x30 px .* limit of 599 pixels"):
        read_photograph(content, 599)


@pytest.mark.parametrize("depth", ["uint8", "uint16"])
@pytest.mark.parametrize("kind", ["iCCP", "zTXt", "iTXt"])
def test_compressed_properties_of_a_png_are_not_inflated_without_bound(depth, kind):
    """A hundred kilobytes would become a hundred megabytes."""
    head = {"iCCP": b"profile\0\0", "zTXt": b"key\0\0", "iTXt": b"XML:com.adobe.xmp\0\1\0\0\0"}[kind]
    body = kind.encode() + head + zlib.compress(bytes(100_000_000), 9)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    content = encode_png(noise(8, 8, 3, depth))
    assert read_photograph(content).depth == depth
    with pytest.raises(UnreadableImageError, match="too large"):
        read_photograph(content[:33] + chunk + content[33:])


@pytest.mark.parametrize(
    ("module", "package", "content"),
    [
        ("rawpy", "rawpy", tagged(noise(4, 4, 3), (50706, 1, 4, (1, 4, 0, 0)))),
        ("pillow_heif", "pillow-heif", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50)),
    ],
)
def test_packages_that_are_missing_are_named(monkeypatch, module, package, content):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UnreadableImageError, match=rf"pip install {package}\.$"):
        read_photograph(content)


def test_a_raw_file_is_told_by_its_name(tmp_path, monkeypatch):
    # Its preview would be read as a TIFF.
    monkeypatch.setitem(sys.modules, "rawpy", None)
    (tmp_path / "x.NEF").write_bytes(encode_tiff(smooth()))
    with pytest.raises(UnreadableImageError, match=r"x\.NEF: it is camera raw"):
        read_photograph(tmp_path / "x.NEF")


WHOLE = {
    "PNG": encoded(noise(40, 40, 3), "PNG"),
    "deep PNG": encode_png(noise(40, 40, 3, "uint16")),
    "JPEG": encoded(noise(40, 40, 3), "JPEG"),
    "WebP": encoded(noise(40, 40, 3), "WEBP"),
    "BMP": encoded(noise(40, 40, 3), "BMP"),
    "PPM": encoded(noise(40, 40, 3), "PPM"),
    "TIFF": encode_tiff(noise(40, 40, 3)),
    "deep TIFF": encode_tiff(noise(40, 40, 3, "uint16")),
    "plain deep TIFF": tagged(noise(40, 40, 3, "uint16")),
    "float TIFF": encode_tiff(noise(40, 40, 3, "float32")),
}


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", WHOLE)
def test_a_file_cut_short_is_refused(name, part):
    read_photograph(WHOLE[name])
    with pytest.raises(UnreadableImageError):
        read_photograph(WHOLE[name][: int(part * len(WHOLE[name]))])


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", WHOLE)
def test_a_damaged_file_is_read_or_refused(name):
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(30):
        content = bytearray(WHOLE[name])
        for _ in range(rng.integers(1, 6)):
            content[rng.integers(min(len(content), 300))] = rng.integers(256)
        try:
            photograph = read_photograph(bytes(content))
        except UnreadableImageError:
            refused += 1
        else:
            assert np.isfinite(photograph.pixels).all()
    assert refused


def test_a_claimed_size_takes_no_memory_and_importing_is_light():
    """The pixels would take 480 MB as 8 bits and 1.9 GB as floats."""
    program = (
        "import resource, sys\n"
        "import mmlle.media\n"
        "before = set(sys.modules)\n"
        "from mmlle.media.photograph_reading import read_photograph\n"
        "from mmlle.media.photograph_writing import write_photograph\n"
        "from mmlle.media.image_file import UnreadableImageError\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new & {'torch', 'mmcv', 'mmagic', 'scipy', 'skimage', 'tifffile', 'rawpy'}))\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n"
        "    read_photograph(sys.stdin.buffer)\n"
        "except UnreadableImageError:\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], input=claimed("JPEG", 20000, 8000), capture_output=True, check=True
    )
    imported, memory = run.stdout.splitlines()
    assert imported == b"[]"
    assert int(memory) < 20_000  # kB


def heic(samples, mode, **properties):
    pillow_heif = pytest.importorskip("pillow_heif", reason="the extra heif is not installed")
    image = pillow_heif.from_bytes(mode, (samples.shape[1], samples.shape[0]), samples.tobytes())
    image.info["icc_profile"] = properties.pop("icc_profile", None)
    stream = io.BytesIO()
    image.save(stream, quality=95, chroma=444, **properties)
    return stream.getvalue()


class TestHeic:
    def test_properties_in_and_out(self):
        from mmlle.media.photograph_writing import encode_photograph

        before = read_photograph(
            heic(smooth(), "RGB", exif=b"Exif\0\0" + exif(), xmp=XMP, icc_profile=profile())
        )
        after = read_photograph(encode_photograph(before.replaced(before.pixels), ".heic"))
        for photograph in (before, after):
            assert (photograph.format, photograph.depth, photograph.alpha) == ("HEIF", "uint8", None)
            assert b"MAKER-NOTE-0123456789" in photograph.exif
            assert photograph.icc_profile == profile()
            assert b"Rating" in photograph.xmp
        assert np.median(abs(after.pixels - before.pixels)) < 4 / 255

    def test_10_bits_and_alpha(self):
        samples = np.dstack([smooth(), smooth()[..., 0]]).astype(np.uint16) * 257
        photograph = read_photograph(heic(samples, "RGBA;16"))
        assert photograph.depth == "uint16"
        assert np.median(abs(photograph.pixels - samples[..., :3] / 65535)) < 4 / 255
        assert np.median(abs(photograph.alpha.astype(int) - samples[..., 3])) < 4 * 257

    def test_no_more_pixels_than_the_caller_allows(self):
        content = heic(smooth(20, 30), "RGB")
        assert read_photograph(content, 600).pixels.shape == (20, 30, 3)
        with pytest.raises(UnreadableImageError, match=r"20x30 px .* limit of 599 pixels"):
            read_photograph(content, 599)

    def test_damaged(self):
        content = heic(smooth(), "RGB")
        with pytest.raises(UnreadableImageError):
            read_photograph(content[: len(content) // 2])


def dng(height=64, width=96, levels=(0.2, 0.5, 0.1)):
    """Raw file of one colour: an uncompressed mosaic of red, green, green and blue."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    mosaic = np.empty((height, width), "<u2")
    red, green, blue = (round(level * 16383) for level in levels)
    mosaic[::2, ::2], mosaic[::2, 1::2], mosaic[1::2, ::2], mosaic[1::2, 1::2] = red, green, green, blue
    tags = ImageFileDirectory_v2(b"II*\0\x08\0\0\0")
    values = {254: 0, 256: width, 257: height, 258: 16, 259: 1, 262: 32803, 271: "Tiny Cameras", 272: "One"}
    values |= {273: 0, 274: 6, 277: 1, 278: height, 279: mosaic.nbytes, 284: 1}
    for tag, value in values.items():
        tags[tag] = value
    typed = {33421: (3, (2, 2)), 33422: (1, bytes((0, 1, 1, 2))), 50706: (1, bytes((1, 4, 0, 0)))}
    typed |= {50708: (2, "Tiny One"), 50717: (4, (16383,)), 50778: (3, (21,))}
    typed |= {50721: (10, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)), 50728: (5, (1.0, 1.0, 1.0))}
    for tag, (kind, value) in typed.items():
        tags.tagtype[tag] = kind
        tags[tag] = value
    return b"II*\0\x08\0\0\0" + tags.tobytes(8) + mosaic.tobytes()


class TestRaw:
    @pytest.fixture(autouse=True)
    def installed(self):
        pytest.importorskip("rawpy", reason="the extra raw is not installed")

    def test_developed_upright_to_16_bits(self):
        photograph = read_photograph(dng())
        assert (photograph.format, photograph.depth) == ("RAW", "uint16")
        assert photograph.pixels.shape == (96, 64, 3)  # the camera was held upright
        assert b"Tiny Cameras" in photograph.exif
        middle = photograph.pixels[20:-20, 20:-20].reshape(-1, 3)
        assert middle.std(axis=0).max() < 0.01
        assert middle.mean(axis=0).argmax() == 1  # green

    def test_no_more_pixels_than_the_caller_allows(self):
        with pytest.raises(UnreadableImageError, match=r"64x96 px .* limit of 6,143 pixels"):
            read_photograph(dng(), 64 * 96 - 1)

    def test_damaged(self):
        with pytest.raises(UnreadableImageError):
            read_photograph(dng()[:600])
