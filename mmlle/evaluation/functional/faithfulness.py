"""What an enhancement changes that it should not, where there is no ground truth.

All functions take the input and the output of an enhancement, (H, W, 3) uint8, BGR, of one size. Luma is
ITU-R BT.601's in full range, 0–255; hue and chroma are those of CIE Lab (D65).
"""

import numpy as np
from skimage.color import rgb2lab

from mmlle.media.color import luma

from .fidelity import psnr

__all__ = [
    "burnt_pixels",
    "chroma_ratio",
    "highlight_psnr",
    "hue_shift",
    "identity_psnr",
    "shadow_luma",
]

# A hue is not seen, and not defined, where there is hardly any chroma.
_LEAST_CHROMA = 8
_SHADOW_LUMA, _SHADOW_SHARE = 40, 0.1
_HIGHLIGHT_LUMA, _HIGHLIGHT_SHARE = 150, 0.05


def burnt_pixels(image: np.ndarray, enhanced: np.ndarray) -> float:
    """Share of the pixels, in %, of which a channel was below 200 and now is 240 or more."""
    return 100 * float(((enhanced >= 240) & (image < 200)).any(axis=-1).mean())


def hue_shift(image: np.ndarray, enhanced: np.ndarray) -> float | None:
    """Mean change of the hue angle in degrees, 0–180.

    The mean is over the pixels of a chroma above 8 in the input, weighted by that chroma.

    Returns:
        None if no pixel has so much chroma.
    """
    (hue, chroma), (new_hue, _) = _hue_and_chroma(image), _hue_and_chroma(enhanced)
    weight = np.where(chroma > _LEAST_CHROMA, chroma, 0)
    if not weight.any():
        return None
    change = np.abs(new_hue - hue)
    return float(np.average(np.minimum(change, 360 - change), weights=weight))


def chroma_ratio(image: np.ndarray, enhanced: np.ndarray) -> float | None:
    """Mean chroma of the output over that of the input; None for an input without any."""
    before, after = (_hue_and_chroma(picture)[1].mean() for picture in (image, enhanced))
    # Lab of exact greys is off zero by rounding.
    return float(after / before) if before > 0.01 else None


def shadow_luma(image: np.ndarray, enhanced: np.ndarray) -> float | None:
    """Mean luma of the output where the input's is below 40; None unless that is over 10 % of the pixels."""
    shadows = luma(image) < _SHADOW_LUMA
    return float(luma(enhanced)[shadows].mean()) if shadows.mean() > _SHADOW_SHARE else None


def highlight_psnr(image: np.ndarray, enhanced: np.ndarray) -> float | None:
    """PSNR in dB of the output against the input where the input's luma is above 150.

    Returns:
        None unless these are more than 5 % of the pixels.
    """
    highlights = luma(image) > _HIGHLIGHT_LUMA
    return psnr(enhanced[highlights], image[highlights]) if highlights.mean() > _HIGHLIGHT_SHARE else None


def identity_psnr(image: np.ndarray, enhanced: np.ndarray, above_luma: float = -1) -> float | None:
    """PSNR in dB of the output against the input, for inputs that are well exposed.

    Args:
        image: The input.
        enhanced: The output.
        above_luma: Only pixels of more luma in the input count; by default all of them.

    Returns:
        None if no pixel counts.
    """
    chosen = luma(image) > above_luma
    return psnr(enhanced[chosen], image[chosen]) if chosen.any() else None


def _hue_and_chroma(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give hue angles in degrees and chromas, (H, W), of CIE Lab."""
    _, a, b = np.moveaxis(rgb2lab(image[..., ::-1]), -1, 0)
    return np.degrees(np.arctan2(b, a)), np.hypot(a, b)
