"""The enhancement command: ``mmlle enhance``."""

import argparse
import sys
import warnings
from contextlib import redirect_stdout
from dataclasses import fields
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from PIL.Image import DecompressionBombWarning
from tqdm import tqdm

from mmlle.apis.backend import BACKENDS, choose_backend
from mmlle.apis.batch import BatchReport, Existing, all_there, enhance_files, photograph_codec
from mmlle.apis.film import enhance_films
from mmlle.apis.image_jobs import ImageJobs, plan_jobs
from mmlle.apis.image_stream import enhance_stream
from mmlle.apis.process_group import ProcessGroup
from mmlle.look import Look
from mmlle.media.film_file import is_film
from mmlle.media.film_writing import check_film_quality
from mmlle.utils.allocator import keep_freed_memory
from mmlle.utils.errors import UserError, one_line
from mmlle.zoo import DEFAULT_MODEL

from .errors import INTERRUPTED, run

if TYPE_CHECKING:
    from mmlle.apis.inferencer import LowLightInferencer

__all__ = ["enhance", "main"]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="mmlle enhance",
        description="Enhance photographs and films.",
        epilog="Processes that torchrun or srun started share out the files and the GPUs among them.",
    )
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="image file, film, folder, pattern in quotes such as 'trip/**/*.jpg', or - for standard input",
    )
    parser.add_argument(
        "-o",
        "--out",
        help="folder for the results, a file for one image or film, or - for standard output",
    )
    parser.add_argument("--suffix", default="", help="added to the names of the results, such as _bright")
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument("--overwrite", action="store_true", help="replace results that are there already")
    existing.add_argument("--skip-existing", action="store_true", help="leave out images with a result")
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
        help="short name of a model, a config file, or an exported .onnx file [%(default)s]",
    )
    parser.add_argument("--weights", help="checkpoint [the one that is shipped]")
    parser.add_argument("--device", help="such as cuda:1 [a GPU if there is one, else the CPU]")
    parser.add_argument(
        "--backend",
        choices=BACKENDS,
        help="what computes; all but torch on the CPU [onnxruntime for an .onnx file, else torch]",
    )
    parser.add_argument(
        "--scale",
        type=float,
        default=1,
        help="estimate the curve of SGZ or Zero-DCE on the image reduced by this factor, such as 12 [1]",
    )
    parser.add_argument(
        "--quality", type=int, help="1 to 100, of JPEG, WebP, AVIF and HEIC [a JPEG's own], and of films [65]"
    )
    add_look_arguments(parser)
    args = parser.parse_args(argv)
    if args.out is None and args.inputs != ["-"]:
        parser.error("the following arguments are required: -o/--out")
    if args.out == "":
        parser.error("-o/--out is empty: name a folder, a file or - for standard output")
    if args.strength is not None and (args.exposure is not None or args.shadows is not None):
        parser.error("--strength stands in place of --exposure and --shadows: leave it out, or those")
    return args


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
        "--denoise",
        type=word_or_number,
        help="off, auto (where noise is measured; 0 for films) or 0 to 30 [auto]",
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


def look_of(args: argparse.Namespace) -> dict[str, Any]:
    """Return the settings of the look that are given; the others are the model's own.

    Raises:
        UserError: If one is out of range.
    """
    settings = {setting.name for setting in fields(Look)} - {"trust"}  # which is the method's own
    given = {name: value for name in settings if (value := getattr(args, name)) is not None}
    Look(**given)  # told before PyTorch is loaded, which takes seconds
    if {"exposure", "shadows"} & given.keys():
        given["strength"] = None  # that of the model's own look would stand in their place
    return given


def enhance(args: argparse.Namespace) -> None:
    """Enhance as the command line says; images that cannot be done are named, and the others done."""
    if "-" in (*args.inputs, args.out or "-"):
        stream(args)
        return
    processes = ProcessGroup.join()
    plan = processes.on_first(lambda: plan_jobs(args.inputs, args.out, args.suffix))
    if plan.films:
        check_film_quality(args.quality)
    # Where every result is there already no model is loaded, which takes seconds.
    report = processes.on_first(lambda: all_there(plan.jobs, existing(args)))
    if report is None:
        report = enhance_share(args, plan, processes)
    elif processes.rank > 0:
        report = BatchReport()
    if report.ended_by == "interrupt":
        finish(report, args.out)  # each process for itself; the others may have ended already
    reports = processes.gather(report)
    if reports is not None:
        total = BatchReport(failures=plan.failures)
        for report in reports:
            total.merge(report)
        finish(total, args.out)
    elif report.failures or report.not_done:
        sys.exit(1)


def enhance_share(args: argparse.Namespace, plan: ImageJobs, processes: ProcessGroup) -> BatchReport:
    """Enhance this process's share of the images and films."""
    # Few films: they go to the last processes first, which may have an image less.
    images, films = (
        plan.images[processes.rank :: processes.size],
        plan.films[processes.size - 1 - processes.rank :: processes.size],
    )
    codec = photograph_codec(args.quality)
    enhancer = load(args, processes.device())
    with progress_bar("image", disable=len(plan.jobs) == 1 or not images or processes.rank > 0) as bar:
        bar.total = len(images)
        report = enhance_files(images, enhancer.enhance_photograph, codec, existing(args), bar.update)
    if report.ended_by:
        report.not_done += [job.source for job in films]
    elif films:
        progress = FilmProgress(disable=processes.rank > 0)
        report.merge(enhance_films(films, enhancer.film_look, args.quality, existing(args), progress))
        progress.end()
    return report


def progress_bar(
    unit: str, total: int | None = None, name: str | None = None, disable: bool = False
) -> "tqdm":
    """Show how far it is; a log, which keeps every line, gets few."""
    interval = 0.1 if sys.stderr.isatty() else 10
    return tqdm(total=total, desc=name, unit=unit, disable=disable, mininterval=interval)


class FilmProgress:
    """A bar for each film, with the pictures a second.

    Args:
        disable: Whether nothing is shown.
    """

    def __init__(self, disable: bool) -> None:
        self._disable = disable
        self._bar: tqdm | None = None

    def begin(self, name: str, total: int | None) -> None:
        """End the bar before and begin that of a film."""
        self.end()
        self._bar = progress_bar("frame", total, one_line(name), self._disable)

    def advance(self) -> None:
        """Count a picture."""
        if self._bar is not None:
            self._bar.update()

    def end(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()


def load(args: argparse.Namespace, device: str | None = None) -> "LowLightInferencer":
    """Load the model; only now, since PyTorch takes seconds to load.

    Args:
        args: The command line.
        device: Where PyTorch computes unless the command line says.
    """
    from mmlle.apis.inferencer import LowLightInferencer

    # Activations of tiles that fit into a cache are kept; what a large photograph or tile takes goes back:
    # else the memory is full of holes of its size.
    keep_freed_memory(2**24)
    backend = choose_backend(args.model, args.backend)
    device = args.device or (device if backend == "torch" else None)
    return LowLightInferencer(args.model, args.weights, device, look_of(args), args.scale, backend)


def existing(args: argparse.Namespace) -> Existing:
    """What becomes of results that are there already."""
    if args.overwrite:
        return "replace"
    return "keep" if args.skip_existing else "fail"


def stream(args: argparse.Namespace) -> None:
    """Enhance one image from standard input, to standard output, or both."""
    if len(args.inputs) > 1 or is_film(args.inputs[0]):
        raise UserError("Standard input and output are for one image: name one input, and one output.")
    codec = photograph_codec(args.quality)
    with redirect_stdout(sys.stderr):  # where the image goes, nothing else does
        enhancer = load(args)
    out = args.out or "-"
    for note in enhance_stream(args.inputs[0], out, enhancer.enhance_photograph, codec, existing(args)):
        print(note, file=sys.stderr, flush=True)


def finish(report: BatchReport, out: str) -> None:
    """Print what became of the images and films, and end with the exit status that says so."""
    done = [*report.written, *report.kept]
    missing = [*(failure.path for failure in report.failures), *report.not_done]
    kinds = {is_film(path) for path in [*done, *missing]}
    noun = " and ".join(name for name, kind in (("images", False), ("films", True)) if kind in kinds)
    summary = f"{len(report.written)} of {len(done) + len(missing)} {noun or 'images'} enhanced: {out}"
    if report.kept:
        summary += f"; {len(report.kept)} were there already"
    print(summary, flush=True)
    for note in report.notes:
        print(note, file=sys.stderr, flush=True)
    lines = [failure.reason for failure in report.failures]
    if report.ended_by == "interrupt":
        lines.append(f"Interrupted: {len(report.not_done)} {noun} not done; go on with --skip-existing.")
    elif report.not_done:
        lines.append(
            f"Ended early ({report.ended_by}): {len(report.not_done)} {noun} not done; "
            "go on with --skip-existing."
        )
    if report.ended_by == "interrupt":
        print("\n".join(lines), file=sys.stderr, flush=True)
        sys.exit(INTERRUPTED)
    if lines:
        sys.exit("\n".join(lines))


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    args = parse_args(argv)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # file names need not be text
    # Sizes are checked by read_photograph, which refuses what is too large in one line.
    warnings.simplefilter("ignore", DecompressionBombWarning)
    run(lambda: enhance(args))
