"""How natural an image looks, without ground truth."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from scipy.special import gamma

from mmlle.media.color import luma, studio_luma
from mmlle.utils.errors import OptionError, UndefinedMeasureError, UserError

__all__ = ["PristineModel", "loe", "niqe"]

#: Side of NIQE's blocks in pixels; half of it at the second scale.
_BLOCK = 96
#: Shapes of generalised Gaussians that are tried, and the ratio by which their moments tell them apart.
_SHAPES = np.arange(0.2, 10.001, 0.001)
_RATIOS = gamma(2 / _SHAPES) ** 2 / (gamma(1 / _SHAPES) * gamma(3 / _SHAPES))
#: MATLAB's imresize by one half: cubic convolution (a = -0.5), twice as wide against aliasing.
_HALVING = np.array([-3, -9, 29, 111, 111, 29, -9, -3]) / 256


class PristineModel(NamedTuple):
    """NIQE's model of natural photographs: a Gaussian of the features of their blocks.

    Attributes:
        mean: (36,).
        covariance: (36, 36).
    """

    mean: np.ndarray
    covariance: np.ndarray

    @classmethod
    def of_file(cls, path: str | Path | None = None) -> "PristineModel":
        """Read a model.

        Args:
            path: ``.npz`` file with ``mu_pris_param`` and ``cov_pris_param``, as MMagic's and BasicSR's; None
                for the one in the MMagic package, the parameters that NIQE's authors released.

        Raises:
            UserError: If there is no such file, or it holds something else.
        """
        return _read_pristine_model(None if path is None else str(path))


@cache
def _read_pristine_model(path: str | None) -> PristineModel:
    remedy = "Give NIQE's `pristine` an .npz file with mu_pris_param and cov_pris_param."
    if path is None:
        package = find_spec("mmagic")  # found, and not imported, which takes seconds
        if package is None or package.origin is None:
            raise UserError(f"NIQE's model of natural photographs is MMagic's, which is missing. {remedy}")
        path = str(Path(package.origin).parent / "evaluation/metrics/niqe_pris_params.npz")
    if not Path(path).is_file():
        raise UserError(f"There is no file {path} (looked for from {Path.cwd()}). {remedy}")
    try:
        with np.load(path) as file:
            mean, covariance = file["mu_pris_param"].reshape(-1), file["cov_pris_param"]
    except (KeyError, ValueError, OSError) as error:
        raise UserError(f"{path} is no model of natural photographs: {error}. {remedy}") from error
    if (mean.shape, covariance.shape) != ((36,), (36, 36)):
        raise UserError(
            f"{path} is no model of natural photographs: it has a mean of {mean.size} and a covariance of "
            f"{covariance.shape} instead of 36 and (36, 36). {remedy}"
        )
    return PristineModel(mean, covariance)


def niqe(image: np.ndarray, model: PristineModel | None = None, channels: str = "grey") -> float:
    """Natural image quality evaluator (Mittal et al., IEEE Signal Processing Letters 2013); lower is better.

    How far the statistics of an image's blocks of 96×96 px (those at the right and lower edge that are not
    whole are left out) are from those of natural photographs. All blocks of the image count, also those that
    are not sharp, as in the authors' program.

    Args:
        image: (H, W, 3) uint8, BGR.
        model: Of natural photographs; None for the authors'.
        channels: ``'grey'``, the luma of BT.601 in full range, rounded, as the authors' program; or ``'Y'``,
            that in studio range, as BasicSR's default. The two give different figures.

    Returns:
        At least 0.

    Raises:
        UndefinedMeasureError: If there are fewer than two whole blocks, or fewer than two with texture, as in
            an image of one colour: a covariance needs two.
        OptionError: If ``channels`` is neither of the two.
    """
    if channels not in ("grey", "Y"):
        raise OptionError(f"channels of NIQE must be 'grey' or 'Y', got {channels!r}.")
    grey = np.rint(luma(image) if channels == "grey" else studio_luma(image)[..., 0])
    rows, columns = (side // _BLOCK for side in grey.shape)
    if rows * columns < 2:
        raise UndefinedMeasureError(
            f"NIQE compares blocks of {_BLOCK}x{_BLOCK} px and needs two of them, and the image is "
            f"{image.shape[0]}x{image.shape[1]} (height x width)"
        )
    grey = grey[: rows * _BLOCK, : columns * _BLOCK]
    features = np.concatenate([_features(grey, _BLOCK), _features(_halve(grey), _BLOCK // 2)], axis=1)
    # Blocks without texture, such as a burnt sky, have no statistics.
    features = features[np.isfinite(features).all(axis=1)]
    if len(features) < 2:
        raise UndefinedMeasureError("NIQE needs two blocks with texture, and the image has fewer")
    mean, covariance = model or PristineModel.of_file()
    distance = mean - features.mean(axis=0)
    inverse = np.linalg.pinv((covariance + np.cov(features, rowvar=False)) / 2)
    return float(np.sqrt(distance @ inverse @ distance))


def _halve(image: np.ndarray) -> np.ndarray:
    """Reduce (H, W), with even sides, to half as MATLAB's ``imresize(image, 0.5)`` does."""
    for _ in range(2):  # the rows, then the columns
        padded = np.pad(image, ((3, 3), (0, 0)), mode="symmetric")
        image = sum(weight * padded[i : i + len(image) : 2] for i, weight in enumerate(_HALVING)).T
    return image


def _features(image: np.ndarray, block: int) -> np.ndarray:
    """Give the 18 features of each block, (blocks, 18); NaN or infinite where a block has no texture."""
    window = cv2.getGaussianKernel(7, 7 / 6)

    def mean_around(values: np.ndarray) -> np.ndarray:
        return cv2.sepFilter2D(values, -1, window, window, borderType=cv2.BORDER_REPLICATE)

    mean = mean_around(image)
    deviation = np.sqrt(np.abs(mean_around(image**2) - mean**2))
    # What is level is exactly 0, whatever order a processor adds up in.
    normalised = (image - mean).round(9) / (deviation + 1)
    height, width = image.shape
    blocks = normalised.reshape(height // block, block, width // block, block)
    blocks = blocks.swapaxes(1, 2).reshape(-1, block, block)
    with np.errstate(divide="ignore", invalid="ignore"):
        shape, left, right = _asymmetric_gaussian(blocks)
        features = [shape, (left + right) / 2]
        for shift in ((0, 1), (1, 0), (1, 1), (1, -1)):
            shape, left, right = _asymmetric_gaussian(blocks * np.roll(blocks, shift, axis=(1, 2)))
            features += [shape, (right - left) * gamma(2 / shape) / gamma(1 / shape), left, right]
    return np.stack(features, axis=1)


def _asymmetric_gaussian(blocks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit an asymmetric generalised Gaussian to each block by its moments (Lasmar et al., ICIP 2009).

    Returns:
        Shape and scales of the left and the right side, each (blocks,).
    """
    flat = blocks.reshape(len(blocks), -1)
    squares = flat**2
    left, right = (
        np.sqrt(np.where(side, squares, 0).sum(axis=1) / side.sum(axis=1)) for side in (flat < 0, flat > 0)
    )
    balance = left / right
    ratio = np.abs(flat).mean(axis=1) ** 2 / squares.mean(axis=1)
    ratio *= (balance**3 + 1) * (balance + 1) / (balance**2 + 1) ** 2
    # The ratios rise with the shape: the nearest is one of two neighbours.
    above = np.searchsorted(_RATIOS, ratio).clip(1, len(_RATIOS) - 1)
    nearest = above - (ratio - _RATIOS[above - 1] <= _RATIOS[above] - ratio)
    shape = np.where(np.isfinite(ratio), _SHAPES[nearest], np.nan)
    scale = np.sqrt(gamma(1 / shape) / gamma(3 / shape))
    return shape, left * scale, right * scale


def loe(image: np.ndarray, enhanced: np.ndarray, window: int = 15) -> float:
    r"""Lightness order error (Wang et al., IEEE TIP 2013); lower is better.

    .. math:: \frac{1}{m} \sum_x \sum_y [L(x) \ge L(y)] \oplus [L'(x) \ge L'(y)]

    The lightness :math:`L` of the input and :math:`L'` of the output is the largest of the three channels. Of
    both, every s-th pixel of every s-th row is taken, :math:`s = \lfloor \min(H, W) / 50 \rfloor` and at
    least 1: about 50 on the shorter side, m in all. The error grows with m: figures compare between images of
    one shape.

    Args:
        image: The input, (H, W, 3) uint8, BGR.
        enhanced: The output, the same shape.
        window: Side of the square, an odd number of pixels, whose largest lightness a pixel has: 15 in the
            program that published figures are computed with; 1 for the definition of the paper's text.

    Returns:
        0 to m; 0 for an image of one colour that stays one.

    Raises:
        OptionError: If ``window`` is not an odd number above 0.
    """
    if window < 1 or not window % 2:
        raise OptionError(f"window of LOE must be an odd number above 0, got {window}.")
    step = max(1, min(image.shape[:2]) // 50)
    square = np.ones((window, window), np.uint8)
    before, after = (
        cv2.dilate(picture.max(axis=2), square)[step - 1 :: step, step - 1 :: step].ravel()
        for picture in (image, enhanced)
    )
    # How many pixels have which lightness before and after: pairs of pixels need not be gone through.
    count = np.zeros((256, 256))
    np.add.at(count, (before, after), 1)
    # For each pair of lightnesses, the pixels that are at least as light before and darker after, and those
    # that are darker before and at least as light after.
    at_least, at_least_after = (np.flip(np.flip(count, axis).cumsum(axis), axis) for axis in (0, 1))
    reversed_order = at_least.cumsum(1) - at_least + at_least_after.cumsum(0) - at_least_after
    return float((count * reversed_order).sum() / len(before))
