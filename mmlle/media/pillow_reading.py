import io
import re

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageCms, JpegImagePlugin

from .image_file import UnsupportedImageError, check_pixels, check_plausible
from .photograph import JpegSettings, Photograph
from .photograph_assembly import assemble

__all__ = ["decode_with_opencv", "exif_orientation", "read_with_pillow", "samples_of"]

#: What PNG files of sRGB state as gAMA.
SRGB_GAMMA = 0.45455
#: Header of a binary PPM or PGM up to the largest value.
_PPM_HEADER = re.compile(rb"P[56](?:(?:\s|#[^\n]*\n)+\d+){2}(?:\s|#[^\n]*\n)+(\d+)\s")


def read_with_pillow(content: bytes, max_pixels: int | None) -> Photograph:
    """Read what Pillow opens; 16 bits and colour by other means."""
    with Image.open(io.BytesIO(content)) as image:
        check_plausible(image, len(content))
        check_pixels(image.height, image.width, max_pixels)
        format = str(image.format)
        notes: tuple[str, ...] = ()
        if format == "MPO":  # a JPEG with further pictures behind it, such as a phone's gain map
            format, notes = "JPEG", ("only the first of its pictures was read",)
        elif getattr(image, "n_frames", 1) > 1:
            raise UnsupportedImageError(
                f"it is an animation of {image.n_frames} frames; save the frame that you want as .png"
            )
        if format == "PNG" and content[24] == 16:
            image.load()  # OpenCV fills what is missing of a damaged file; Pillow refuses it
            samples = _decode_deep_png(content, image.info.get("transparency"))
        elif (header := _PPM_HEADER.match(content)) and int(header[1]) > 255:
            samples = _decode_deep_ppm(image, content[header.end() :], int(header[1]))
        else:
            image.load()
            samples, converted = samples_of(image)
            notes += converted
        jpeg = None
        if format == "JPEG" and image.mode in ("L", "RGB"):
            tables = tuple(tuple(table) for _, table in sorted(image.quantization.items()))
            sampling = JpegImagePlugin.get_sampling(image)
            jpeg = JpegSettings(tables, sampling, bool(image.info.get("progressive")))
        if format == "AVIF" and _is_deep_avif(content):
            notes += ("its 10 or 12 bits were read as 8",)
        if format == "PNG":
            notes += _ignored_color(image, content)
        xmp = image.info.get("xmp")
        return assemble(
            samples,
            format,
            orientation=exif_orientation(image),
            exif=_exif(image),
            xmp=xmp.encode() if isinstance(xmp, str) else xmp,
            # What a profile of inks says does not hold for the RGB that was made of them.
            icc_profile=None if image.mode == "CMYK" else image.info.get("icc_profile"),
            dpi=_resolution(image),
            jpeg=jpeg,
            lossless=format == "WEBP" and b"VP8L" in content[:4096],
            notes=notes,
        )


def exif_orientation(image: Image.Image) -> int:
    """Return what EXIF says, or else XMP; 1 if Pillow has turned the image."""
    return int(image.getexif().get(ExifTags.Base.Orientation, 1))


def _exif(image: Image.Image) -> bytes | None:
    if "Raw profile type exif" in image.info:  # ImageMagick's way to put it into a PNG
        return image.getexif().tobytes()
    return image.info.get("exif")


def _ignored_color(image: Image.Image, content: bytes) -> tuple[str, ...]:
    """Say what a PNG states of its colours that is not followed."""
    if b"cICP" in content[: content.find(b"IDAT")]:
        return ("its colour space (cICP) was not followed and is left out",)
    gamma = image.info.get("gamma")
    if gamma and abs(gamma - SRGB_GAMMA) > 0.01 and not {"srgb", "icc_profile"} & image.info.keys():
        return (f"its gamma of {1 / gamma:.3g} was not followed and is left out",)
    return ()


def _resolution(image: Image.Image) -> tuple[float, float] | None:
    dpi = image.info.get("dpi")
    return (float(dpi[0]), float(dpi[1])) if dpi and min(dpi) > 0 else None


def samples_of(image: Image.Image) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return (H, W, 1 to 4) samples of a decoded image, and what was converted."""
    mode = image.mode
    notes: tuple[str, ...] = ()
    if mode == "CMYK":
        image, notes = _from_cmyk(image), ("CMYK was converted to RGB",)
    elif mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)[..., None], ()
    elif mode == "F":
        return np.asarray(image)[..., None], ()
    elif mode == "I":
        raise UnsupportedImageError("it has 32-bit integers; save it with 8 or 16 bits, or as 32-bit float")
    elif mode == "1":
        image = image.convert("L")
    elif image.has_transparency_data:
        image = image.convert("LA" if mode in ("L", "LA", "La") else "RGBA")
    elif mode != "L":
        image = image.convert("RGB")
    samples = np.asarray(image)
    return samples if samples.ndim == 3 else samples[..., None], notes


def _from_cmyk(image: Image.Image) -> Image.Image:
    """Convert inks to sRGB, by the profile if there is one."""
    profile = image.info.get("icc_profile")
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError):
            pass  # a damaged profile, or one of something else
    return image.convert("RGB")


def _decode_deep_png(content: bytes, transparent: int | tuple[int, ...] | None) -> np.ndarray:
    """Decode a PNG of 16 bits, which Pillow cuts to 8 bits where there is colour."""
    samples = decode_with_opencv(content)
    # OpenCV repeats grey that has alpha; 0 and 4 are the header's types of grey.
    if content[25] in (0, 4) and samples.shape[2] > 1:
        samples = samples[..., [0, 3][: samples.shape[2] - 2]]
    if isinstance(transparent, int) and samples.shape[2] == 1:  # a grey that OpenCV leaves opaque
        alpha = np.where(samples == transparent, 0, 65535).astype(np.uint16)
        samples = np.concatenate([samples, alpha], axis=2)
    return samples


def _decode_deep_ppm(image: Image.Image, data: bytes, largest: int) -> np.ndarray:
    """Decode the samples of a 16-bit PPM or PGM, which Pillow cuts to 8 bits where there is colour."""
    channels = 3 if image.mode == "RGB" else 1
    samples = np.frombuffer(data, ">u2", image.height * image.width * channels)
    samples = samples.reshape(image.height, image.width, channels)
    if largest != 65535:
        samples = np.rint(np.minimum(samples, largest) * (65535 / largest))
    return samples.astype(np.uint16)


def decode_with_opencv(content: bytes) -> np.ndarray:
    """Decode as (H, W, 1, 3 or 4), RGB."""
    try:
        samples = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise ValueError(error.err) from error
    if samples is None:
        raise ValueError("it is damaged, cut short or of a kind that OpenCV does not decode")
    if samples.ndim == 2:
        return samples[..., None]
    return samples[..., [2, 1, 0, 3][: samples.shape[2]]]


def _is_deep_avif(content: bytes) -> bool:
    place = content.find(b"av1C")
    return place >= 0 and len(content) > place + 6 and bool(content[place + 6] & 0x40)
