from collections.abc import Sequence

import cv2
import numpy as np

__all__ = ["contact_sheet", "side_by_side"]


def side_by_side(images: Sequence[np.ndarray]) -> np.ndarray:
    """Put images (H, W, 3) of any sizes next to each other, aligned at the top, the rest black."""
    height = max(image.shape[0] for image in images)
    return np.concatenate(
        [np.pad(image, ((0, height - image.shape[0]), (0, 0), (0, 0))) for image in images], axis=1
    )


def contact_sheet(rows: Sequence[Sequence[np.ndarray]], titles: Sequence[str]) -> np.ndarray:
    """Lay out rows of images in titled columns of the same width.

    Args:
        rows: Images (H, W, 3), uint8, BGR, one for each title.
        titles: Of the columns.

    Returns:
        (H, W, 3), uint8, BGR; the title line is 28 px high.
    """
    width = max(image.shape[1] for row in rows for image in row)
    header = []
    for title in titles:
        cell = np.full((28, width, 3), 255, np.uint8)
        cv2.putText(cell, title, (6, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
        header.append(cell)

    def to_cell(image: np.ndarray) -> np.ndarray:
        return np.pad(image, ((0, 0), (0, width - image.shape[1]), (0, 0)), constant_values=255)

    return np.concatenate([side_by_side(header), *(side_by_side([to_cell(i) for i in row]) for row in rows)])
