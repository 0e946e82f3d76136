"""Time how samples of several exposures are loaded, with and without the cache of decoded images.

``python tools/analysis_tools/benchmark_loading.py configs/pairlie/pairlie_sice.py``. Scenes of generated JPEG
files are written to a temporary folder; the config's training data set reads them, decoding both photographs
for each sample, and from its cache. The samples are compared as well.
"""

import argparse

from mmlle.benchmark.loading import measure_loading
from mmlle.cli.command import add_config_arguments, read_config, run

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_config_arguments(parser)
    parser.add_argument("--size", nargs=2, type=int, default=[3648, 5472], metavar=("H", "W"))
    parser.add_argument("--scenes", type=int, default=2)
    parser.add_argument("--frames", type=int, default=3)
    parser.add_argument("--samples", type=int, default=10)
    args = parser.parse_args(argv)

    height, width = args.size
    print(f"{args.scenes} scenes of {args.frames} frames, {height}x{width} (height x width)", flush=True)
    times = measure_loading(read_config(args), args.scenes, args.frames, height, width, args.samples)
    print(f"building the cache: {times.build:.1f} s, {times.cache_size / 1e6:.0f} MB")
    print(f"decoding: {1e3 * times.decoding:.2f} ms a sample\ncached: {1e3 * times.cached:.2f} ms a sample")
    print(f"ratio {times.cached / times.decoding:.5f}; {args.samples} samples of each, which are equal")


if __name__ == "__main__":
    run(main)
