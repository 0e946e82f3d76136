"""Measure what a segmentor recognises on enhanced images.

``python tools/analysis_tools/benchmark_semantics.py CLEAN --segmentor CONFIG CHECKPOINT [--labels DIR]
[--low DIR] --models input sgz CONFIG.py:CHECKPOINT FOLDER``

CLEAN holds well exposed images. Their dark versions are those of the same names in ``--low``, or are made by
the project's synthesis (``mmlle/datasets/low_light_synthesis.py``). With ``--labels``, images of class
numbers of the same names, predictions are compared with these; in any case with the segmentor's own
predictions on the clean images. ``--generate DIR`` draws scenes and trains a small segmentor on others, in
place of all these.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from mmengine.logging import MMLogger
from tqdm import tqdm

from mmlle.benchmark.scenes import make_scene_benchmark
from mmlle.benchmark.semantics import SegmentationScore, Segmentor, read_label_image
from mmlle.cli.errors import run
from mmlle.datasets.low_light_synthesis import draw_noise_level, simulate_low_light
from mmlle.evaluation.quality import open_source
from mmlle.media.image_io import list_images, read_image
from mmlle.utils.collect_env import collect_env
from mmlle.utils.errors import UserError
from mmlle.utils.files import write_bytes

__all__ = ["main"]

CLEAN = "clean"


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("clean", nargs="?", type=Path, help="folder of well exposed images")
    parser.add_argument("--segmentor", nargs=2, metavar=("CONFIG", "CHECKPOINT"), help="of MMSegmentation")
    parser.add_argument("--labels", type=Path, metavar="DIR", help="images of class numbers, 255 for ignored")
    parser.add_argument("--low", type=Path, metavar="DIR", help="dark versions; default: synthesised")
    parser.add_argument(
        "--models",
        nargs="+",
        required=True,
        metavar="NAME",
        help="short name of a model, CONFIG.py:CHECKPOINT, 'input', or a folder of low/<name>.png",
    )
    parser.add_argument("--exposure", nargs=2, type=float, default=(0.01, 0.1), metavar=("FROM", "TO"))
    parser.add_argument("--shot-noise", nargs=2, type=float, default=(1e-5, 1e-4), metavar=("FROM", "TO"))
    parser.add_argument("--read-noise", nargs=2, type=float, default=(1e-8, 1e-7), metavar=("FROM", "TO"))
    parser.add_argument("--seed", type=int, default=0, help="of the synthesis [%(default)s]")
    parser.add_argument(
        "--generate", type=Path, metavar="DIR", help="draw scenes, train a segmentor on others"
    )
    parser.add_argument("--count", type=int, default=50, help="scenes to draw [%(default)s]")
    parser.add_argument("--steps", type=int, default=800, help="of the segmentor's training [%(default)s]")
    parser.add_argument("--out", metavar="FILE", help="JSON file for all figures")
    return parser.parse_args(argv)


def benchmark(args: argparse.Namespace) -> None:
    """Measure as the command line says."""
    MMLogger.get_current_instance().setLevel("WARNING")  # else each initial weight has a line
    sources = [open_source(name) for name in args.models]
    if args.generate is not None:
        loss = make_scene_benchmark(args.generate, args.count, args.steps)
        print(f"Scenes and a segmentor of {args.steps} steps, last loss {loss:.3f}: not real ones.")
        args.clean, args.labels = args.generate / "images", args.generate / "labels"
        args.segmentor = args.generate / "segmentor.py", args.generate / "segmentor.pth"
    if args.clean is None or args.segmentor is None:
        raise UserError("Give a folder of clean images and --segmentor CONFIG CHECKPOINT, or --generate DIR.")
    names = list_images(args.clean)
    if not names:
        raise UserError(f"There is no image in {args.clean} (looked for from {Path.cwd()}).")
    segmentor = Segmentor(*args.segmentor)
    labels = {} if args.labels is None else _by_stem(args.labels)
    low = {} if args.low is None else _by_stem(args.low)
    labelled = [CLEAN, *(source.label for source in sources)] if labels else []
    scores = {label: SegmentationScore(segmentor.num_classes) for label in labelled}
    agreement = {source.label: SegmentationScore(segmentor.num_classes) for source in sources}
    for index, name in enumerate(tqdm(names, leave=False, disable=None)):
        stem = str(Path(name).with_suffix(""))
        clean = read_image(args.clean / name)
        truth = segmentor(clean)
        if args.low is None:
            dark = _darken(clean, args, index)
        else:
            dark = read_image(_of(low, stem, args.low))
            if dark.shape != clean.shape:
                raise UserError(f"{low[stem]} and {args.clean / name} are of different sizes.")
        given = None
        if labels:
            path = _of(labels, stem, args.labels)
            given = read_label_image(path, clean.shape[:2], segmentor.num_classes)
            scores[CLEAN].add(truth, given)
        for source in sources:
            prediction = segmentor(source.enhance("low", stem, dark))
            agreement[source.label].add(prediction, truth)
            if given is not None:
                scores[source.label].add(prediction, given)
    rows = {label: {} for label in [CLEAN, *agreement]}
    for label, row in rows.items():
        if labels:
            row |= {f"{name}, labels": value for name, value in scores[label].summary().items()}
        if label in agreement:
            row |= {f"{name}, clean": value for name, value in agreement[label].summary().items()}
    if not labels:
        del rows[CLEAN]
    print(_table(rows, len(names)))
    if args.out is not None:
        report = dict(
            images=len(names),
            segmentor=[str(path) for path in args.segmentor],
            models={source.label: source.describe() for source in sources},
            environment={name: str(value) for name, value in collect_env().items()},
            results=rows,
        )
        write_bytes(args.out, (json.dumps(report, indent=2) + "\n").encode())


def _by_stem(folder: Path) -> dict[str, Path]:
    return {str(Path(name).with_suffix("")): folder / name for name in list_images(folder)}


def _of(files: dict[str, Path], stem: str, folder: Path) -> Path:
    if stem not in files:
        raise UserError(f"{folder} has no image {stem}, with any ending.")
    return files[stem]


def _darken(image: np.ndarray, args: argparse.Namespace, index: int) -> np.ndarray:
    rng = np.random.default_rng([args.seed, index])
    exposure = float(np.exp(rng.uniform(*np.log(args.exposure))))
    level = draw_noise_level(rng, args.shot_noise, args.read_noise)
    return simulate_low_light(image, exposure, rng, level)


def _table(rows: dict[str, dict[str, float]], count: int) -> str:
    columns = list(next(reversed(rows.values())))
    lines = [f"| {count} images, % | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for label, row in rows.items():
        cells = [f"{row[name]:.1f}" if name in row else "–" for name in columns]
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    args = parse_args(argv)
    run(lambda: benchmark(args))


if __name__ == "__main__":
    main()
