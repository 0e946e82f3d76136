"""Peak memory of ``mmlle enhance``: ``python tools/analysis_tools/measure_memory.py sgz pairlie``.

Each model enhances a made JPEG of each size, with the default look, in a process of its own, on Linux.
Printed are the largest resident memory of the process, PyTorch and all, and the CPU time that a megapixel
takes, start apart.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from mmlle.benchmark.look import photograph
from mmlle.benchmark.timing import table
from mmlle.cli.errors import run
from mmlle.utils.errors import UserError

__all__ = ["main"]

SIZES = [(1080, 1920), (3000, 4000), (4320, 7680)]
START = (64, 64)
#: ``mmlle``, with its peak memory in KiB and its CPU time at the end. Of the peak, getrusage would tell that
#: of the process that started it as well.
PROGRAM = """
import re, sys, time
from pathlib import Path
from mmlle.cli.main import main

main(sys.argv[1:])
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1], time.process_time())
"""


class Usage(NamedTuple):
    """What a process took: its largest resident memory in bytes, and CPU time in seconds."""

    memory: int
    seconds: float


def measure(arguments: list[str], size: tuple[int, int], folder: Path) -> Usage:
    """Enhance a made photograph of (height, width) with arguments of ``mmlle enhance``.

    Raises:
        UserError: If the command fails; its last line.
    """
    source = folder / f"{size[0]}x{size[1]}.jpg"
    if not source.exists():
        Image.fromarray(np.rint(255 * photograph(*size)).astype(np.uint8)).save(source, quality=92)
    command = [sys.executable, "-c", PROGRAM, "enhance", str(source), "-o", str(folder / "out.jpg")]
    done = subprocess.run([*command, "--overwrite", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(done.stderr.strip().rpartition("\n")[2])
    memory, seconds = done.stdout.split()[-2:]
    return Usage(1024 * int(memory), float(seconds))


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("models", nargs="+", metavar="MODEL", help="short names of models, or exported files")
    parser.add_argument("--scale", help="see mmlle enhance")
    parser.add_argument("--backend", help="see mmlle enhance")
    parser.add_argument(
        "--size",
        nargs=2,
        type=int,
        action="append",
        metavar=("H", "W"),
        help="size of the photograph, can be repeated [1080 1920, 3000 4000 and 4320 7680]",
    )
    args = parser.parse_args(argv)
    options = [f"--{name}={value}" for name in ("scale", "backend") if (value := getattr(args, name))]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for model in args.models:
            arguments = [f"--model={model}", *options]
            start = measure(arguments, START, Path(folder))
            for height, width in map(tuple, args.size or SIZES):
                usage = measure(arguments, (height, width), Path(folder))
                each = (usage.seconds - start.seconds) / (height * width / 1e6)
                rows.append(
                    [
                        " ".join([model, *options]),
                        f"{height}x{width}",
                        f"{usage.memory / 1e6:.0f} MB",
                        f"{each:.2f} s",
                    ]
                )
                print(" ".join(rows[-1]), file=sys.stderr, flush=True)
    print(table(["model", "height x width", "peak memory", "CPU time a megapixel"], rows))


if __name__ == "__main__":
    run(main)
