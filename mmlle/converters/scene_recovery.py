"""Tell by their content which consecutive photographs show the same scene.

Zero-DCE's training images are SICE frames numbered through without their scenes. Exposures of one
scene differ in brightness by an unknown, nearly monotonic curve, which leaves the ORDER of the
pixels as it is: so the rank correlation (Spearman) of two thumbnails is close to 1 for one scene,
and near 0 for two.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PIL import Image

__all__ = ["SAME_SCENE", "rank_signature", "split_into_scenes"]

THUMBNAIL = 48
# Neighbours of one scene mostly correlate above 0.9, those of two scenes mostly below 0.5. Between
# them are scenes taken from a slightly moved place, and frames almost wholly black or white.
SAME_SCENE = 0.65


def rank_signature(image: Image.Image) -> np.ndarray:
    """Ranks of a thumbnail's grey values, with mean 0 and length 1.

    Args:
        image: A photograph of any size and mode.

    Returns:
        (THUMBNAIL²,) vector; the dot product of two is their rank correlation in [-1, 1].
    """
    thumbnail = image.convert("L").resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
    ranks = np.asarray(thumbnail).ravel().argsort(kind="stable").argsort().astype(np.float64)
    ranks -= ranks.mean()
    return ranks / np.linalg.norm(ranks)


def split_into_scenes(signatures: Iterable[np.ndarray | None], threshold: float = SAME_SCENE) -> list[int]:
    """Number the scenes of photographs in their order.

    Args:
        signatures: One `rank_signature` for each photograph, None for one that cannot be decoded,
            which is counted to the scene before it.
        threshold: Least correlation of two neighbours of one scene.

    Returns:
        The scene of each photograph, from 1 on, never decreasing.
    """
    scenes, scene, previous = [], 1, None
    for signature in signatures:
        if signature is not None:
            if previous is not None and float(previous @ signature) < threshold:
                scene += 1
            previous = signature
        scenes.append(scene)
    return scenes
