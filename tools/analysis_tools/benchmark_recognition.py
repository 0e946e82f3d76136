"""Measure what a classifier recognises on images that were reduced by four and enlarged again.

``python tools/analysis_tools/benchmark_recognition.py IMAGES --labels FILE --weights FILE
--classifier resnet50 --num-classes 1000 --models enhancenet CONFIG.py:CHECKPOINT``

The measure of EnhanceNet's paper, Sec. 5.3: the share of the images whose class is among the likeliest, on
the originals, their bicubic enlargements and those of the models (``TopKRecognition``). ``--generate DIR``
draws small numerals and trains a small classifier on others, in place of all these.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from mmlle.benchmark.numerals import CLASSIFIER, NUM_CLASSES, make_numeral_benchmark
from mmlle.cli.errors import run
from mmlle.datasets import MakeLowResolution
from mmlle.evaluation import TopKRecognition
from mmlle.evaluation.quality import open_source
from mmlle.media.image_io import list_images, read_image
from mmlle.utils.collect_env import collect_env
from mmlle.utils.errors import UserError
from mmlle.utils.files import write_bytes

__all__ = ["main"]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("images", nargs="?", type=Path, help="folder of the originals")
    parser.add_argument("--labels", metavar="FILE", help="lines of NAME CLASS, numbered from 0")
    parser.add_argument("--classifier", default="resnet50", help="a ResNet of torchvision [%(default)s]")
    parser.add_argument("--weights", metavar="FILE", help="of the classifier, a file or URL")
    parser.add_argument("--num-classes", type=int, default=1000, help="default: %(default)s")
    parser.add_argument("--top-k", nargs="+", type=int, default=(1, 5), metavar="K", help="default: 1 5")
    parser.add_argument(
        "--models",
        nargs="+",
        required=True,
        metavar="NAME",
        help="for super-resolution: short name of a model, CONFIG.py:CHECKPOINT",
    )
    parser.add_argument("--generate", type=Path, metavar="DIR", help="draw numerals, train a classifier")
    parser.add_argument("--count", type=int, default=300, help="numerals to draw [%(default)s]")
    parser.add_argument("--steps", type=int, default=300, help="of the classifier's training [%(default)s]")
    parser.add_argument("--out", metavar="FILE", help="JSON file for all figures")
    return parser.parse_args(argv)


def benchmark(args: argparse.Namespace) -> None:
    """Measure as the command line says."""
    sources = [open_source(name) for name in args.models]
    if args.generate is not None:
        loss = make_numeral_benchmark(args.generate, args.count, args.steps)
        print(f"Numerals and a classifier of {args.steps} steps, last loss {loss:.3f}: no photographs.")
        args.images, args.labels = args.generate / "images", str(args.generate / "labels.txt")
        args.weights = str(args.generate / "classifier.pth")
        args.classifier, args.num_classes = CLASSIFIER, NUM_CLASSES
    if args.images is None or args.labels is None or args.weights is None:
        raise UserError("Give a folder of images, --labels and --weights, or --generate DIR.")
    names = list_images(args.images)
    if not names:
        raise UserError(f"There is no image in {args.images} (looked for from {Path.cwd()}).")
    metric = TopKRecognition(args.labels, args.weights, args.classifier, args.num_classes, args.top_k)
    reduce_image = MakeLowResolution()
    for name in tqdm(names, leave=False, disable=None):
        pair = reduce_image(dict(gt=read_image(args.images / name), gt_path=name))
        original, small = pair["gt"], pair["img"]
        enlarged = Image.fromarray(small).resize(original.shape[1::-1], Image.Resampling.BICUBIC)
        pictures = {"bicubic": np.asarray(enlarged)}
        for source in sources:
            pictures[source.label] = source.enhance("low", str(Path(name).with_suffix("")), small)
            if pictures[source.label].shape != original.shape:
                raise UserError(
                    f"{source.label} does not enlarge four times: it is not for super-resolution."
                )
        output = {label: _tensor(picture) for label, picture in pictures.items()}
        metric.process({}, [dict(key=name, output=output, gt_img=_tensor(original))])
    found = metric.evaluate(len(names))
    rows = ["original", "bicubic", *(source.label for source in sources)]
    print(f"| {len(names)} images, % | " + " | ".join(f"Top{k}" for k in args.top_k) + " |")
    print("|---" * (len(args.top_k) + 1) + "|")
    for row in rows:
        print(f"| {row} | " + " | ".join(f"{found[f'Top{k}_{row}']:.1f}" for k in args.top_k) + " |")
    if args.out is not None:
        report = dict(
            images=len(names),
            classifier=[args.classifier, args.weights],
            models={source.label: source.describe() for source in sources},
            environment={name: str(value) for name, value in collect_env().items()},
            results=found,
        )
        write_bytes(args.out, (json.dumps(report, indent=2) + "\n").encode())


def _tensor(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))).float()


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    args = parse_args(argv)
    run(lambda: benchmark(args))


if __name__ == "__main__":
    main()
