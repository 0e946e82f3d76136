"""Measure models on four kinds of photographs at once.

``python tools/analysis_tools/benchmark_quality.py --models input sgz CONFIG.py:CHECKPOINT FOLDER --sets A C``

The photographs are those for choosing (``data/quality/selection``); ``--final`` takes those of the published
table (``data/quality/final``), which nothing may be chosen by. ``--lpips-backbone
alexnet-owt-7be5be79.pth`` adds LPIPS on A and B. ``prepare_quality_sets.py`` makes both.
"""

import argparse
import hashlib
import json
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from mmlle.cli.errors import run
from mmlle.evaluation.functional import LPIPSDistance
from mmlle.evaluation.quality import QUALITY_SETS, open_source, to_markdown
from mmlle.evaluation.summary import summarise
from mmlle.media.contact_sheet import contact_sheet
from mmlle.media.image_io import write_image
from mmlle.utils.collect_env import collect_env
from mmlle.utils.errors import UserError
from mmlle.utils.files import check_writable, write_bytes

__all__ = ["main"]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--models",
        nargs="+",
        required=True,
        metavar="NAME",
        help="short name of a model, CONFIG.py:CHECKPOINT, 'input', or a folder of <set>/<name>.png",
    )
    parser.add_argument("--sets", nargs="+", choices=QUALITY_SETS, default=list(QUALITY_SETS))
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="every Nth photograph alone, for a quick look"
    )
    parser.add_argument("--final", action="store_true", help="the photographs of the published table")
    parser.add_argument("--root", default="data/quality", help="folder of the photographs [%(default)s]")
    parser.add_argument(
        "--lpips-backbone",
        metavar="FILE",
        help="torchvision's weights of AlexNet: measure LPIPS too, where there is ground truth",
    )
    parser.add_argument("--out", metavar="FILE", help="JSON file for all figures")
    parser.add_argument("--picture", metavar="FILE", help="contact sheet")
    parser.add_argument("--rows", type=int, default=4, help="photographs of each set in it [%(default)s]")
    parser.add_argument("--save", metavar="DIR", help="save the results as DIR/<model>/<set>/<name>.png")
    return parser.parse_args(argv)


def benchmark(args: argparse.Namespace) -> None:
    """Measure as the command line says."""
    if args.every < 1:
        raise UserError(f"--every must be at least 1, got {args.every}.")
    for file in filter(None, (args.out, args.picture)):
        check_writable(file)
    group = "final" if args.final else "selection"
    share = f", one of {args.every}" if args.every > 1 else ""
    print(f"{group.upper()} photographs, {args.root}/{group}{share}")
    if args.final:
        print("This is the final table: choose nothing by it.")
    sources = {source.label: source for source in map(open_source, args.models)}
    sets = {key: QUALITY_SETS[key] for key in args.sets}
    lpips = None
    if args.lpips_backbone is not None:
        distance = LPIPSDistance(args.lpips_backbone)
        digest = hashlib.sha256(Path(args.lpips_backbone).read_bytes()).hexdigest()
        lpips = dict(net="alex", backbone_weights=args.lpips_backbone, sha256=digest)
        sets |= {key: each.with_measure("LPIPS", distance, 3) for key, each in sets.items() if each.paired}
    report: dict = dict(
        group=group,
        every=args.every,
        environment={name: str(value) for name, value in collect_env().items()},
        models={label: source.describe() for label, source in sources.items()},
        lpips=lpips,
        sets={},
    )
    rows = []
    for key, quality_set in sets.items():
        values: dict = {label: {} for label in sources}
        photographs = quality_set.photographs(Path(args.root, group))
        chosen = islice(photographs, 0, None, args.every)
        for index, photograph in enumerate(tqdm(chosen, key, leave=False, disable=None)):
            enhanced = {
                label: source.enhance(key, photograph.name, photograph.image)
                for label, source in sources.items()
            }
            for label, image in enhanced.items():
                values[label][photograph.name] = quality_set.measure(photograph, image)
                if args.save is not None:
                    write_image(Path(args.save, label, key, f"{photograph.name}.png"), image)
            if index < args.rows:
                shown = photograph.image, *enhanced.values(), photograph.reference
                rows.append([thumbnail(image) for image in shown])
        summaries = {label: summarise(measured.values()) for label, measured in values.items()}
        report["sets"][key] = dict(summary=summaries, values=values)
        print(f"\n{to_markdown(quality_set, summaries)}", flush=True)
    if args.out is not None:
        write_bytes(args.out, (json.dumps(report, indent=2) + "\n").encode())
    if args.picture is not None:
        write_image(args.picture, contact_sheet(rows, ["input", *sources, "reference"]))


def thumbnail(image: np.ndarray, width: int = 240) -> np.ndarray:
    """Reduce or enlarge (H, W, 3) uint8 to a width in pixels."""
    height = max(1, round(image.shape[0] * width / image.shape[1]))
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    args = parse_args(argv)
    run(lambda: benchmark(args))


if __name__ == "__main__":
    main()
