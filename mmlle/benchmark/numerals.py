"""Generated pictures of small numerals, and a classifier of torchvision that is trained on others.

For the benchmark of recognition where neither ImageNet nor a classifier's weights are at hand. The pictures
are drawings: figures on them say nothing about photographs.
"""

from pathlib import Path

import cv2
import numpy as np
import torch

from mmlle.media.image_io import write_image
from mmlle.utils.checkpoint_io import write_checkpoint
from mmlle.utils.files import write_bytes

from .small_networks import Batch, fit

__all__ = ["CLASSIFIER", "NUM_CLASSES", "draw_numeral", "make_numeral_benchmark", "train_numeral_classifier"]

#: Of torchvision.
CLASSIFIER = "resnet18"
NUM_CLASSES = 10
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
)
#: First seeds of the pictures that are measured and of those that are trained on.
_TEST, _TRAIN = 0, 1_000_000


def draw_numeral(seed: int, side: int = 48) -> tuple[np.ndarray, int]:
    """Draw a small numeral near the middle of a textured ground.

    Args:
        seed: The same seed gives the same picture.
        side: Of the picture, in pixels.

    Returns:
        The picture, (side, side, 3) uint8, BGR, and the numeral.
    """
    rng = np.random.default_rng(seed)
    numeral = int(rng.integers(NUM_CLASSES))
    large = 4 * side
    coarse = rng.uniform(60, 200, 3) + rng.normal(0, 15, (5, 5, 3))
    picture = cv2.resize(coarse.astype(np.float32), (large, large), interpolation=cv2.INTER_CUBIC)
    font, scale = int(rng.choice(_FONTS)), rng.uniform(3.0, 4.4) * side / 48
    thickness = max(1, round(scale * 2.2))
    (width, height), _ = cv2.getTextSize(str(numeral), font, scale, thickness)
    x, y = (np.array([large - width, large + height]) / 2 + rng.uniform(-0.08, 0.08, 2) * large).astype(int)
    sign = 1 if picture.mean() < 128 else -1
    ink = (picture.mean(axis=(0, 1)) + sign * rng.uniform(50, 100, 3)).tolist()
    cv2.putText(picture, str(numeral), (int(x), int(y)), font, scale, ink, thickness, cv2.LINE_AA)
    picture = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    picture += rng.normal(0, 2, picture.shape)
    return picture.round().clip(0, 255).astype(np.uint8), numeral


def make_numeral_benchmark(folder: str | Path, count: int = 300, steps: int = 300) -> float:
    """Draw pictures and train a classifier on others.

    Args:
        folder: Gets ``images/<number>.png``, ``labels.txt`` and ``classifier.pth``.
        count: How many pictures are written.
        steps: Of the training.

    Returns:
        The last loss of the training.
    """
    lines = []
    for number in range(count):
        picture, numeral = draw_numeral(_TEST + number)
        write_image(Path(folder, f"images/{number:04d}.png"), picture)
        lines.append(f"{number:04d}.png {numeral}\n")
    write_bytes(Path(folder, "labels.txt"), "".join(lines).encode())
    return train_numeral_classifier(Path(folder, "classifier.pth"), steps)


def train_numeral_classifier(path: str | Path, steps: int, batch_size: int = 32) -> float:
    """Train the classifier, on pictures as the metric ``TopKRecognition`` shows them.

    Args:
        path: Where the weights go.
        steps: How many steps.
        batch_size: Pictures in a step, each drawn once.

    Returns:
        The last loss.
    """
    from torchvision.models import get_model

    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        network = get_model(CLASSIFIER, weights=None, num_classes=NUM_CLASSES)

    def batch(step: int) -> Batch:
        drawn = [draw_numeral(_TRAIN + step * batch_size + index) for index in range(batch_size)]
        rgb = np.stack([picture[..., ::-1] for picture, _ in drawn]) / 255
        inputs = ((rgb - _MEAN) / _STD).astype(np.float32).transpose(0, 3, 1, 2)
        return torch.from_numpy(inputs), torch.tensor([numeral for _, numeral in drawn])

    loss = fit(network, network, batch, steps, lr=1e-3)
    write_checkpoint(path, network.state_dict(), dict(classifier=CLASSIFIER))
    return loss
