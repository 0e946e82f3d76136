"""Generated scenes whose classes are known at each pixel, and a small segmentor that is trained on them.

For the semantic benchmark where neither labelled photographs nor the weights of a segmentor are at hand. The
scenes are drawings: figures on them say nothing about real ones.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.config import Config

from mmlle.media.image_io import write_image
from mmlle.models.archs.segmentor import build_segmentor
from mmlle.testing import tiny_segmentor
from mmlle.utils.checkpoint_io import write_checkpoint
from mmlle.utils.files import write_bytes

from .small_networks import Batch, fit

__all__ = ["CLASSES", "draw_scene", "make_scene_benchmark", "train_scene_segmentor"]

CLASSES = ("sky", "ground", "ball", "house", "tree")
_MEAN, _STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
#: First seeds of the scenes that are measured and of those that are trained on.
_TEST, _TRAIN = 0, 1_000_000


def draw_scene(seed: int, side: int = 128) -> tuple[np.ndarray, np.ndarray]:
    """Draw a scene: a sky over striped ground, and houses with windows, trees and balls of any colour.

    Args:
        seed: The same seed gives the same scene.
        side: Of the image, in pixels.

    Returns:
        The image, (side, side, 3) uint8, BGR, well exposed, and its classes, (side, side) uint8, numbers of
        :data:`CLASSES`.
    """
    rng = np.random.default_rng(seed)
    image = np.empty((side, side, 3), np.float32)
    labels = np.zeros((side, side), np.uint8)
    horizon = int(side * rng.uniform(0.45, 0.7))
    height = np.linspace(0, 1, side, dtype=np.float32)[:, None, None]
    image[:] = _color(rng, 130, 250) * (1 - height) + _color(rng, 130, 250) * height
    ground = _color(rng, 60, 200)
    stripes = 18 * np.sign(np.sin(np.arange(side) * rng.uniform(0.6, 1.2)))[:, None, None]
    image[horizon:] = (ground + stripes)[horizon:]
    labels[horizon:] = CLASSES.index("ground")
    kinds = [*CLASSES[2:], *rng.choice(CLASSES[2:], int(rng.integers(0, 3)))]
    rng.shuffle(kinds)
    for kind in kinds:
        size = side * rng.uniform(0.12, 0.22)
        x, foot = side * rng.uniform(0.1, 0.9), horizon + side * rng.uniform(0, 0.2)
        mask = np.zeros((side, side), np.uint8)
        color = np.broadcast_to(_color(rng, 40, 230), image.shape).copy()
        if kind == "ball":
            cv2.circle(mask, (round(x), round(foot - size * 0.6)), round(size * 0.6), 1, -1)
            # Lit from above.
            color *= 1.25 - 0.5 * height
        elif kind == "house":
            left, top = round(x - size * 0.8), round(foot - 1.7 * size)
            cv2.rectangle(mask, (left, top), (round(x + size * 0.8), round(foot)), 1, -1)
            step = max(4, round(size * 0.4))
            rows, columns = np.mgrid[:side, :side] - np.array([top, left])[:, None, None]
            window = (rows % step > step // 2) & (columns % step > step // 2)
            color[window] = _color(rng, 40, 230)
        else:
            points = np.array([[x - size, foot], [x + size, foot], [x, foot - 2.2 * size]])
            cv2.fillPoly(mask, [points.round().astype(np.int32)], 1)
            color += 25 * rng.standard_normal((side, side, 1))
        image[mask > 0] = color[mask > 0]
        labels[mask > 0] = CLASSES.index(kind)
    image += rng.normal(0, 2, image.shape)
    return cv2.GaussianBlur(image, None, 0.6).round().clip(0, 255).astype(np.uint8), labels


def make_scene_benchmark(folder: str | Path, count: int = 50, steps: int = 800, side: int = 128) -> float:
    """Draw scenes and train a segmentor on others.

    Args:
        folder: Gets ``images/<number>.png``, ``labels/<number>.png``, ``segmentor.py`` and ``segmentor.pth``.
        count: How many scenes are written.
        steps: Of the training.
        side: Of the scenes, in pixels.

    Returns:
        The last loss of the training.
    """
    for number in range(count):
        image, labels = draw_scene(_TEST + number, side)
        write_image(Path(folder, f"images/{number:03d}.png"), image)
        write_image(Path(folder, f"labels/{number:03d}.png"), labels)
    return train_scene_segmentor(folder, steps, side)


def train_scene_segmentor(folder: str | Path, steps: int, side: int, batch_size: int = 8) -> float:
    """Train the small segmentor.

    Args:
        folder: Gets ``segmentor.py``, a config of MMSegmentation, and ``segmentor.pth``.
        steps: How many steps.
        side: Of the scenes, in pixels.
        batch_size: Scenes in a step, each drawn once.

    Returns:
        The last loss.
    """
    model = tiny_segmentor(len(CLASSES), width=16)
    model["backbone"].update(norm_eval=False)
    segmentor = build_segmentor(model, seed=0)

    encode_decode: Any = segmentor.encode_decode  # nn.Module knows no methods of MMSegmentation's

    def forward(inputs: torch.Tensor) -> torch.Tensor:
        return encode_decode(inputs, [dict(img_shape=inputs.shape[2:])] * len(inputs))

    def batch(step: int) -> Batch:
        scenes = [draw_scene(_TRAIN + step * batch_size + index, side) for index in range(batch_size)]
        images = np.stack([image[..., ::-1] for image, _ in scenes]).astype(np.float32)
        inputs = ((images - _MEAN) / _STD).astype(np.float32).transpose(0, 3, 1, 2)
        classes = np.stack([labels for _, labels in scenes]).astype(np.int64)
        return torch.from_numpy(inputs), torch.from_numpy(classes)

    loss = fit(segmentor, forward, batch, steps, lr=1e-2)
    preprocessor = dict(
        type="SegDataPreProcessor", mean=_MEAN, std=_STD, bgr_to_rgb=True, test_cfg=dict(size_divisor=32)
    )
    config = Config(
        dict(
            default_scope="mmseg",
            model=dict(model, data_preprocessor=preprocessor),
            test_pipeline=[dict(type="LoadImageFromFile"), dict(type="PackSegInputs")],
        )
    )
    write_bytes(Path(folder, "segmentor.py"), config.pretty_text.encode())
    write_checkpoint(Path(folder, "segmentor.pth"), segmentor.state_dict(), dict(classes=CLASSES))
    return loss


def _color(rng: np.random.Generator, low: int, high: int) -> np.ndarray:
    return rng.uniform(low, high, 3).astype(np.float32)
