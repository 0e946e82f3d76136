"""Between the planes of a film's pictures, Y, Cb and Cr, and RGB in floating point.

FFmpeg's own conversion gives the same for 8 bits, and is off by up to 8 levels of 10 bits there and back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .color import LUMA_WEIGHTS, rgb_luma

__all__ = ["LUMA_COEFFICIENTS", "FilmColor"]

#: Weights of red and blue in the luma, by the number of the matrix in ITU-T H.273.
LUMA_COEFFICIENTS = {
    1: (0.2126, 0.0722),  # BT.709
    4: (0.30, 0.11),  # FCC
    5: LUMA_WEIGHTS[::2],  # BT.601, 625 lines
    6: LUMA_WEIGHTS[::2],  # BT.601, 525 lines
    7: (0.212, 0.087),  # SMPTE 240M
    9: (0.2627, 0.0593),  # BT.2020
}


@dataclass(frozen=True)
class FilmColor:
    """How the planes of a picture encode its colours (ITU-T H.273, equations 20 to 40).

    Reduced chroma is enlarged and reduced again about the same centres, so that it stays where it is.

    Args:
        matrix: One of :data:`LUMA_COEFFICIENTS`.
        full_range: Whether luma uses all values; else 16 to 235 of 255.
        depth: Bits of a value.
    """

    matrix: int
    full_range: bool
    depth: int

    def to_rgb(self, planes: Sequence[np.ndarray]) -> np.ndarray:
        """Convert planes to RGB.

        Args:
            planes: (H, W), and Cb and Cr of that size or a smaller one, uint8 or uint16; or the first alone,
                of a greyscale film.

        Returns:
            (H, W, 3) float32 in [0, 1]; what lies beyond is clipped.
        """
        matrix = np.linalg.inv(self._from_rgb[:, :3])
        matrix = np.column_stack([matrix, -matrix @ self._from_rgb[:, 3]])
        height, width = planes[0].shape
        if len(planes) == 1:
            grey = planes[0] * np.float32(matrix[0, 0]) + np.float32(-matrix[0, 0] * self._from_rgb[0, 3])
            rgb = cv2.merge([grey, grey, grey])
        else:
            full = [plane.astype(np.float32) for plane in planes]
            if full[1].shape != full[0].shape:
                size = (width, height)
                full[1:] = [cv2.resize(each, size, interpolation=cv2.INTER_LINEAR) for each in full[1:]]
            rgb = cv2.transform(cv2.merge(full), matrix.astype(np.float32))
        return np.clip(rgb, 0, 1, out=rgb)

    def to_planes(self, rgb: np.ndarray, shapes: Sequence[tuple[int, int]]) -> list[np.ndarray]:
        """Convert RGB to planes.

        Args:
            rgb: (H, W, 3) float32 in [0, 1].
            shapes: Of the planes; of the first alone for greyscale.

        Returns:
            uint8 for 8 bits, else uint16.
        """
        matrix = self._from_rgb.astype(np.float32)
        if len(shapes) == 1:
            planes = [rgb_luma(rgb) * matrix[0, :3].sum() + matrix[0, 3]]
        else:
            planes = list(cv2.split(cv2.transform(rgb, matrix)))
            planes[1:] = [
                plane
                if plane.shape == shape
                else cv2.resize(plane, shape[::-1], interpolation=cv2.INTER_AREA)
                for plane, shape in zip(planes[1:], shapes[1:], strict=True)
            ]
        return [self._rounded(plane) for plane in planes]

    def _rounded(self, plane: np.ndarray) -> np.ndarray:
        np.rint(plane, out=plane)
        np.clip(plane, 0, 2**self.depth - 1, out=plane)
        return plane.astype(np.uint8 if self.depth == 8 else np.uint16)

    @property
    def _from_rgb(self) -> np.ndarray:
        """(3, 4): RGB in [0, 1] and 1 to values of Y, Cb and Cr."""
        red, blue = LUMA_COEFFICIENTS[self.matrix]
        luma = np.array([red, 1 - red - blue, blue])
        unit = 2 ** (self.depth - 8)
        luma_range, chroma_range, black = 219 * unit, 224 * unit, 16 * unit
        if self.full_range:
            luma_range = chroma_range = 2**self.depth - 1
            black = 0
        rows = [
            luma * luma_range,
            (np.array([0, 0, 1]) - luma) / (2 * (1 - blue)) * chroma_range,
            (np.array([1, 0, 0]) - luma) / (2 * (1 - red)) * chroma_range,
        ]
        return np.column_stack([np.array(rows), [black, 128 * unit, 128 * unit]])
