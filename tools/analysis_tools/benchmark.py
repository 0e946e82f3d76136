"""Time training steps or inference: ``python tools/analysis_tools/benchmark.py CONFIG --original FOLDER``.

With ``--original``, the folder of a clone of the code of the method's authors, that is measured as well, on
the same images and with the same network weights. Each side has a process of its own, so that neither
profits from the other's settings (ours keeps freed memory, see ``mmlle.utils.allocator``): the original runs
as its users run it, ours as tools/train.py runs it. They take turns, so that whatever else the machine does
meets all of them. A GPU is used if there is one; hide it with ``CUDA_VISIBLE_DEVICES=`` to measure the CPU.

Where a frozen segmentation network guides the training, as in SGZ, ours is measured with its own and, like
for like, with the original's.
"""

import argparse
import json
import math
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import DefaultScope

from mmlle.benchmark.sides import OriginalSide, OurSide, Side
from mmlle.cli.command import add_config_arguments, read_config, run
from mmlle.utils.errors import UserError
from mmlle.utils.files import write_bytes

__all__ = ["Worker", "main"]

SIZES = {"train": [(512, 512)], "inference": [(400, 600), (1080, 1920)]}
TOLERANCE = 1e-5


class Worker:
    """A process that holds one side of the benchmark.

    Args:
        threads: Number of threads that PyTorch may use; None leaves it alone.
        config: Config of the model.
        side: Class of the side.
        arguments: What it takes besides the config.
    """

    def __init__(self, threads: int | None, config: Config, side: type[Side], *arguments: Any) -> None:
        self.pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        self.pool.submit(start, threads, config, side, arguments).result()

    def __call__(self, method: str, *arguments: Any) -> Any:
        """Call a method of the side in its process, or get an attribute, and wait for what it gives."""
        return self.pool.submit(call, method, *arguments).result()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown()


def start(threads: int | None, config: Config, side: type[Side], arguments: tuple) -> None:
    """Make a worker process's side."""
    global _side
    MMLogger.get_instance("benchmark", log_level="ERROR")  # not every weight's initialisation, three times
    if threads is not None:
        torch.set_num_threads(threads)
    with DefaultScope.overwrite_default_scope(config.get("default_scope", "mmlle")):
        _side = side(config, *arguments)


def call(method: str, *arguments: Any) -> Any:
    """Call a method of a worker process's side, or get an attribute."""
    found = getattr(_side, method)
    return found(*arguments) if callable(found) else found


def load(workers: list[Worker], batch_size: int, size: dict) -> list[Worker]:
    """Give all sides the same images of ``height`` × ``width``, and say which; returns the sides."""
    for worker in workers:
        worker("load", batch_size, size["height"], size["width"])
    print(f"\n{size['height']}x{size['width']} (height x width)")
    return workers


def measure(workers: list[Worker], mode: str, repeats: int, warm_up: int) -> list[dict]:
    """Time all sides in turns; after its turn a side gives back its memory, so that one at a time needs it.

    Args:
        workers: The sides, their images loaded; ratios are to the first.
        mode: ``'train'`` or ``'inference'``.
        repeats: How many turns each side has.
        warm_up: How often it runs in each of them before it is timed.

    Returns:
        For each side ``name``, ``seconds`` (all of them), ``median``, ``ratio`` and ``peak_memory``.
    """
    results = [dict(name=worker("name"), seconds=[]) for worker in workers]
    for _ in range(repeats):
        for worker, result in zip(workers, results, strict=True):
            turn = [worker("seconds", mode) for _ in range(warm_up + 1)]
            result["seconds"].append(turn[-1])
            worker("release_memory")
    for worker, result in zip(workers, results, strict=True):
        result["median"] = median(result["seconds"])
        result["ratio"] = result["median"] / results[0]["median"]
        result["peak_memory"] = worker("peak_memory")
    return results


def check(workers: list[Worker], mode: str) -> list[tuple[str, float, float]]:
    """Show that the last side computes what the first does, before either has trained.

    Args:
        workers: The sides, their images loaded.
        mode: ``'train'`` compares the losses, ``'inference'`` the images.

    Returns:
        Names and the values of both; of images, the largest difference, to be compared with 0.

    Raises:
        UserError: If they differ by more than :data:`TOLERANCE`, relative or absolute; the norm of the
            gradient by more than the original allows.
    """
    first, last = workers[0], workers[-1]
    tolerances = {}
    if mode == "train":
        theirs, ours = first("losses"), last("losses")
        tolerances["grad_norm"] = first("gradient_tolerance")
        rows = [(name, theirs[name], ours[name]) for name in theirs]
    else:
        difference = float(np.abs(first("enhanced") - last("enhanced")).max())
        rows = [("largest difference of the images", 0.0, difference)]
    wrong = [
        name
        for name, a, b in rows
        if not math.isclose(a, b, rel_tol=tolerances.get(name, TOLERANCE), abs_tol=TOLERANCE)
    ]
    if wrong:
        found = "; ".join(f"{name}: {a:.7g} and {b:.7g}" for name, a, b in rows)
        raise UserError(f"The two sides differ in {', '.join(wrong)}, so their times say nothing: {found}.")
    return rows


def table(header: list[str], rows: list[list[str]]) -> str:
    """Lay out a table, the first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = []
    for first, *others in [header, *rows]:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]))
    return "\n".join(lines)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_config_arguments(parser)
    parser.add_argument(
        "--mode", choices=["train", "inference"], default="train", help="what to time [train]"
    )
    parser.add_argument("--batch-size", type=int, help="[training: the config's; inference: 1]")
    parser.add_argument(
        "--size",
        nargs=2,
        type=int,
        action="append",
        metavar=("H", "W"),
        help="image size, can be repeated [training: 512 512; inference: 400 600 and 1080 1920]",
    )
    parser.add_argument("--repeats", type=int, default=3, help="how many turns each side has [3]")
    parser.add_argument(
        "--warm-up", type=int, default=1, help="untimed runs in each turn before the timed one [1]"
    )
    parser.add_argument("--threads", type=int, help="number of CPU threads [PyTorch's choice]")
    parser.add_argument(
        "--original",
        type=Path,
        metavar="FOLDER",
        help="clone of the original's repository (Zero-DCE: its folder Zero-DCE_code), to be measured too",
    )
    parser.add_argument("--check", action="store_true", help="stop unless both give the same numbers")
    parser.add_argument("--out", metavar="FILE", help="JSON file for all figures")
    args = parser.parse_args(argv)
    if args.check and args.original is None:
        parser.error("--check compares with the original: name its folder with --original")
    if args.repeats < 1 or args.warm_up < 0:
        parser.error("--repeats takes at least 1, --warm-up at least 0")
    return args


def benchmark(args: argparse.Namespace) -> None:
    """Measure as the command line says."""
    config = read_config(args)
    batch_size = args.batch_size or (config.train_dataloader.batch_size if args.mode == "train" else 1)
    sides = [(OurSide, args.original)]
    if args.original is not None:
        sides.insert(0, (OriginalSide, args.original))
        if args.mode == "train" and config.model.get("semantic_loss") is not None:
            sides.append((OurSide, args.original, True))

    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(args.threads, config, *side)) for side in sides]
        report = dict(config=args.config, mode=args.mode, batch_size=batch_size, **workers[0]("machine"))
        print(
            f"{args.mode} of {args.config}, batch of {batch_size}, on {report['device']}, "
            f"{report['threads']} CPU threads, torch {report['torch']}; medians of {args.repeats} "
            f"turns, in each {args.warm_up} to warm up and 1 that counts"
        )
        # Peak memory is the largest so far: with the largest size last, each has its own, but for --check.
        sizes = sorted(map(tuple, args.size or SIZES[args.mode]), key=math.prod)
        report["sizes"] = [dict(height=height, width=width) for height, width in sizes]
        if args.check:  # of all sizes first: once they have trained, the sides are no longer the same
            for entry in report["sizes"]:
                entry["check"] = check(load(workers, batch_size, entry), args.mode)
                rows = [[name, f"{a:.7g}", f"{b:.7g}", f"{abs(a - b):.1e}"] for name, a, b in entry["check"]]
                print(table(["check", "original", workers[-1]("name"), "difference"], rows), flush=True)
        for entry in report["sizes"]:
            load(workers, batch_size, entry)
            entry["results"] = measure(workers, args.mode, args.repeats, args.warm_up)
            rows = [
                [
                    result["name"],
                    f"{result['median']:.3f} s",
                    f"{min(result['seconds']):.3f} s",
                    f"{max(result['seconds']):.3f} s",
                    f"{result['ratio']:.3f}",
                    f"{result['peak_memory'] / 2**30:.1f} GiB",
                ]
                for result in entry["results"]
            ]
            print(table(["time", "median", "fastest", "slowest", "ratio", "peak memory"], rows), flush=True)
    if args.out is not None:
        write_bytes(args.out, (json.dumps(report, indent=2) + "\n").encode())


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    args = parse_args(argv)
    run(lambda: benchmark(args))


if __name__ == "__main__":
    main()
