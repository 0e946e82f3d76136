"""A photograph: pixels for a network, and everything else that its result shall have."""

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from .color import LUMA_WEIGHTS
from .color_profile import SRGB_CURVE

__all__ = ["Depth", "JpegSettings", "Photograph"]

Depth = Literal["uint8", "uint16", "float32"]

#: Rows that are converted at once, to stay in the cache.
BAND = 16
#: Light below which the gain of a pixel is not followed: it would be noise.
_DARKEST = 1e-3


@dataclass(frozen=True)
class JpegSettings:
    """How a JPEG was compressed.

    Args:
        quantization: Tables of 64 steps each, in natural order.
        subsampling: Of the chroma: 0 for 4:4:4, 1 for 4:2:2, 2 for 4:2:0, -1 for another.
        progressive: Whether it is stored in several passes.
    """

    quantization: tuple[tuple[int, ...], ...]
    subsampling: int
    progressive: bool


@dataclass(frozen=True, eq=False)
class Photograph:
    r"""A photograph with all its properties, upright.

    What sRGB cannot hold, colours of a wide gamut and light beyond white, is kept aside in :attr:`excess` and
    added again when the photograph is written.

    Args:
        pixels: (H, W, 3) float32, RGB in [0, 1], in sRGB encoding; greyscale is repeated.
        grey: Whether it is greyscale and is written so.
        alpha: (H, W) of the depth of the file, not multiplied into the pixels; None without.
        depth: Of a channel of the file. float32 means values that may exceed [0, 1].
        format: Of the file, as Pillow names it: ``JPEG``, ``PNG``, ``TIFF``; or ``EXR``, ``HEIF``, ``RAW``.
        exif: TIFF structure without a leading ``Exif\0\0``; orientation 1, no thumbnail.
        xmp: XMP packet.
        icc_profile: ICC profile of the file, in which the result is written again.
        dpi: Horizontal and vertical resolution, pixels an inch.
        jpeg: How it was compressed, of a JPEG file.
        lossless: Whether a WebP file was compressed without loss.
        excess: (H, W, 3) float32, linear sRGB light beyond [0, 1] that ``pixels`` lack; None without.
        encoded: (H, W, 1 or 3) of the depth of the file, its own values, where ``pixels`` were made of them
            by the ICC profile, which is exact in neither direction; None without, and for other pixels.
        notes: What reading has changed, for the user.
    """

    pixels: np.ndarray
    grey: bool = False
    alpha: np.ndarray | None = None
    depth: Depth = "uint8"
    format: str = "PNG"
    exif: bytes | None = None
    xmp: bytes | None = None
    icc_profile: bytes | None = None
    dpi: tuple[float, float] | None = None
    jpeg: JpegSettings | None = None
    lossless: bool = False
    excess: np.ndarray | None = None
    encoded: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take."""
        arrays = (self.pixels, self.alpha, self.excess, self.encoded)
        return sum(array.nbytes for array in arrays if array is not None)

    def replaced(self, pixels: np.ndarray) -> "Photograph":
        """Return this photograph with other pixels, such as an enhanced or enlarged version.

        Alpha is enlarged alike (bicubic). The light kept aside follows the gain in luminance of its pixel.

        Args:
            pixels: (kH, kW, 3) float, RGB, sRGB encoding, with an integer k; clipped to [0, 1], and else
                not copied. A greyscale photograph takes their luma.

        Raises:
            ValueError: If the size is no multiple of this one's, or a value is not finite.
        """
        if pixels is self.pixels:
            return self
        height, width = self.pixels.shape[:2]
        factor = pixels.shape[0] // height
        if factor < 1 or pixels.shape != (factor * height, factor * width, 3):
            raise ValueError(f"Pixels of {pixels.shape} do not fit a photograph of {self.pixels.shape}.")
        lowest, highest = pixels.min(), pixels.max()
        if not (np.isfinite(lowest) and np.isfinite(highest)):
            raise ValueError("The pixels are not all finite.")
        if lowest < 0 or highest > 1:
            pixels = np.clip(pixels, 0, 1)
        pixels = pixels.astype(np.float32, copy=False)
        if self.grey:
            pixels = _greyscale(pixels)
        alpha, excess, before = self.alpha, self.excess, self.pixels
        if factor > 1:
            alpha = None if alpha is None else _enlarge(alpha, factor)
            if excess is not None:
                excess, before = _enlarge(excess, factor), _enlarge(before, factor)
        if excess is not None:
            excess = _follow_gain(excess, before, pixels)
        return replace(self, pixels=pixels, alpha=alpha, excess=excess, encoded=None)


def _greyscale(pixels: np.ndarray) -> np.ndarray:
    grey = np.empty_like(pixels)
    for top in range(0, len(pixels), BAND):
        red, green, blue = np.moveaxis(pixels[top : top + BAND], -1, 0)
        # In this form the luma of equal channels is exactly their value.
        luma = green + LUMA_WEIGHTS[0] * (red - green) + LUMA_WEIGHTS[2] * (blue - green)
        grey[top : top + BAND] = luma[..., None]
    return grey


def _enlarge(image: np.ndarray, factor: int) -> np.ndarray:
    size = (image.shape[1] * factor, image.shape[0] * factor)
    # Bicubic interpolation overshoots.
    return cv2.resize(image, size, interpolation=cv2.INTER_CUBIC).clip(image.min(), image.max())


def _luminance(pixels: np.ndarray) -> np.ndarray:
    """Relative luminance (H, W, 1) of sRGB pixels (IEC 61966-2-1)."""
    return cv2.transform(SRGB_CURVE.decode(pixels), np.array([[0.2126, 0.7152, 0.0722]]))[..., None]


def _follow_gain(excess: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    followed = np.empty_like(excess)
    for top in range(0, len(excess), BAND):
        rows = slice(top, top + BAND)
        gain = np.maximum(_luminance(after[rows]), _DARKEST) / np.maximum(_luminance(before[rows]), _DARKEST)
        followed[rows] = excess[rows] * gain
    return followed
