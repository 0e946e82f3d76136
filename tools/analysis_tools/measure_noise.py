"""Compare the noise of real dark photographs with that of synthesised ones, by brightness.

``python tools/analysis_tools/measure_noise.py data/DICM data/NPE --synthesize data/BSDS500/train
--exposure 0.01 0.6 --shot-noise 1e-5 2e-4``. The columns of brightness hold standard deviations in 8-bit
values, medians of the images. The last row shows the same darkened photographs without noise: what the
measurement takes for noise there is texture.
"""

import argparse
from pathlib import Path

from tqdm import tqdm

from mmlle.benchmark.noise import (
    NoiseProfile,
    measure_noise,
    noise_table,
    real_images,
    synthesised_images,
)
from mmlle.cli.errors import run
from mmlle.datasets.low_light_synthesis import SHOT_NOISE_RANGE
from mmlle.utils.errors import UserError

__all__ = ["main"]


def measure(args: argparse.Namespace) -> None:
    """Measure as the command line says."""
    ranges = {"--exposure": args.exposure, "--shot-noise": args.shot_noise, "--read-noise": args.read_noise}
    for name, (low, high) in {name: given for name, given in ranges.items() if given}.items():
        if not 0 < low <= high:
            raise UserError(f"{name} must be two numbers above 0 that go up, got {low:g} {high:g}.")
    groups: dict[str, list[NoiseProfile]] = {}
    for folder in args.folders:
        groups[str(folder)] = [measure_noise(image) for image in tqdm(real_images(folder, args.side), folder)]
    if args.synthesize is not None:
        for title, shot_noise in (("synthesised", args.shot_noise), ("the same without noise", None)):
            clean = real_images(args.synthesize, args.side)
            images = synthesised_images(clean, args.exposure, shot_noise, args.read_noise, args.seed)
            groups[title] = [measure_noise(image) for image in tqdm(images, title)]
    print(noise_table(groups))


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="+", help="of real dark photographs")
    parser.add_argument("--synthesize", type=Path, metavar="DIR", help="well exposed photographs to darken")
    parser.add_argument("--exposure", nargs=2, type=float, default=(0.01, 0.6), metavar=("FROM", "TO"))
    parser.add_argument("--shot-noise", nargs=2, type=float, default=SHOT_NOISE_RANGE, metavar=("FROM", "TO"))
    parser.add_argument(
        "--read-noise", nargs=2, type=float, metavar=("FROM", "TO"), help="default: what goes with shot noise"
    )
    parser.add_argument("--side", type=int, help="reduce to this longer side before; default: as they are")
    parser.add_argument("--seed", type=int, default=0, help="of the synthesis [%(default)s]")
    args = parser.parse_args(argv)
    run(lambda: measure(args))


if __name__ == "__main__":
    main()
