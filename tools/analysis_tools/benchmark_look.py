"""What the look costs: ``OMP_NUM_THREADS=2 python tools/analysis_tools/benchmark_look.py sgz --scale 12``.

Timed in turns are the stages of a photograph, denoising apart, and a picture of a film of the same size. The
look's share is the time of all stages but the enhancement over that of the enhancement.
"""

import argparse

from mmlle.apis.backend import BACKENDS, load_backend
from mmlle.benchmark.look import time_look
from mmlle.benchmark.timing import table
from mmlle.cli.errors import run
from mmlle.utils.threads import num_threads

__all__ = ["main"]

SIZES = [(1080, 1920), (3000, 4000)]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("models", nargs="+", metavar="MODEL", help="short names of models, or exported files")
    parser.add_argument("--scale", type=float, default=1, help="see mmlle enhance [1]")
    parser.add_argument("--backend", choices=BACKENDS, help="see mmlle enhance")
    parser.add_argument(
        "--size",
        nargs=2,
        type=int,
        action="append",
        metavar=("H", "W"),
        help="size of the photograph, can be repeated [1080 1920 and 3000 4000]",
    )
    parser.add_argument("--repeats", type=int, default=5, help="turns of each stage [5]")
    args = parser.parse_args(argv)
    rows = []
    for model in args.models:
        backend = load_backend(model, scale=args.scale, name=args.backend)
        for height, width in map(tuple, args.size or SIZES):
            times = time_look(backend, (height, width), args.repeats)
            seconds = [f"{1000 * value:.1f}" for value in times]
            rows.append([f"{model} {height}x{width}", *seconds, f"{100 * times.share:.0f} %"])
    print(f"Milliseconds, medians of {args.repeats} turns; {num_threads()} threads; scale {args.scale:g}")
    header = ["model, height x width", "choosing", "strengths", "enhancement", "hues", "film picture"]
    print(table([*header, "look's share"], rows))


if __name__ == "__main__":
    run(main)
