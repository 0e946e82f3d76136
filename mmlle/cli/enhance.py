"""The enhancement command: ``mmlle enhance``."""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from mmlle.apis.inferencer import LowLightInferencer, collect, result_paths
from mmlle.look import Look
from mmlle.media.image_io import IMAGE_SUFFIXES, UnreadableImageError, write_image
from mmlle.utils.allocator import keep_freed_memory

from .command import run

__all__ = ["enhance", "main"]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="mmlle enhance", description="Enhance photographs.")
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="image file or folder")
    parser.add_argument("-o", "--out", required=True, help="folder for the results, or a file for one image")
    parser.add_argument("--model", default="sgz", help="short name of a model, or a config file [sgz]")
    parser.add_argument("--weights", help="checkpoint [the one that is shipped]")
    parser.add_argument("--device", help="such as cuda:1 [a GPU if there is one, else the CPU]")
    add_look_arguments(parser)
    return parser.parse_args(argv)


def add_look_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the settings of :class:`mmlle.look.Look`."""
    look = parser.add_argument_group("look")
    look.add_argument(
        "--exposure",
        type=word_or_number,
        help="auto, as-trained, or the mean luma to brighten to, 0.30 to 0.60 [auto]",
    )
    look.add_argument(
        "--shadows",
        type=word_or_number,
        help="auto, off, or the mean luma to brighten dark parts to, 0.20 to 0.50 [auto]",
    )
    look.add_argument(
        "--strength",
        type=float,
        help="instead of a chosen one: 0 gives the input, 1 is as trained, at most 1.6",
    )
    look.add_argument(
        "--denoise", type=word_or_number, help="off, auto (where noise is measured) or 0 to 30 [auto]"
    )
    look.add_argument(
        "--saturation", choices=["keep", "as-is"], help="hues of the input, or the method's [keep]"
    )


def word_or_number(text: str) -> str | float:
    """Read a number, or leave a word as it is."""
    try:
        return float(text)
    except ValueError:
        return text


def look_of(args: argparse.Namespace) -> Look | None:
    """Make a look of the arguments; None if none is given, for the model's own."""
    names = ("exposure", "shadows", "strength", "denoise", "saturation")
    given = {name: value for name in names if (value := getattr(args, name)) is not None}
    return Look(**given) if given else None


def enhance(args: argparse.Namespace) -> None:
    """Enhance as the command line says; images that cannot be read are named, and the others done."""
    images = collect(args.inputs)
    into_file = len(args.inputs) == 1 == len(images) and Path(args.out).suffix.lower() in IMAGE_SUFFIXES
    if into_file:
        images = [(images[0][0], Path(args.out).name)]
    results = result_paths(images, Path(args.out).parent if into_file else args.out)
    keep_freed_memory()
    inferencer = LowLightInferencer(args.model, args.weights, args.device, look_of(args))
    failures = []
    for (image, _), result in zip(tqdm(images, unit="image", disable=len(images) == 1), results, strict=True):
        try:
            write_image(result, inferencer.enhance(image))
        except UnreadableImageError as error:
            failures.append(str(error))
    print(f"{len(images) - len(failures)} of {len(images)} images enhanced: {args.out}")
    if failures:
        sys.exit("\n".join(failures))


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    args = parse_args(argv)
    run(lambda: enhance(args))
