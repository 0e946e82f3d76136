"""Time what several processes that train together cost, and say what to expect of others.

``torchrun --nproc_per_node 2 tools/analysis_tools/benchmark_scaling.py CONFIG --launcher pytorch`` trains
some steps in two processes, on the data of the config, with and without the exchange of gradients; without
torchrun and ``--launcher`` it is one process. Guiding networks have random weights. docs/scale.md explains
the arithmetic, which takes the bandwidth and latency of a network from the command line.
"""

import argparse

from mmengine.dist import get_backend, init_dist, is_distributed, is_main_process

from mmlle.benchmark.scaling import exchange_seconds, measure_scaling
from mmlle.benchmark.timing import table
from mmlle.cli.command import add_config_arguments, read_config, run
from mmlle.compat.distributed import init_distributed

__all__ = ["main"]

#: For how many processes the arithmetic is done.
PROCESSES = (2, 4, 8, 16, 32, 64)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_config_arguments(parser)
    parser.add_argument("--launcher", choices=["none", "pytorch", "slurm", "mpi"], default="none")
    parser.add_argument("--repeats", type=int, default=10, help="how many turns are timed [10]")
    parser.add_argument(
        "--bandwidth", type=float, default=1.25, help="of the network, in GB a second [1.25: 10 Gbit/s]"
    )
    parser.add_argument("--latency", type=float, default=50, help="of a message, in microseconds [50]")
    args = parser.parse_args(argv)
    if args.repeats < 1 or args.bandwidth <= 0 or args.latency < 0:
        parser.error("--repeats takes at least 1, --bandwidth more than 0, --latency at least 0")
    return args


def benchmark(args: argparse.Namespace) -> None:
    """Measure as the command line says; the first process prints."""
    config = read_config(args)
    settings = config.get("env_cfg", {}).get("dist_cfg", {})
    init_distributed(args.launcher, settings)
    if args.launcher != "none" and not is_distributed():
        init_dist(args.launcher, **settings)  # what the Runner does with an accelerator
    times = measure_scaling(config, args.repeats)
    if not is_main_process():
        return
    group = f" over {get_backend()}" if is_distributed() else ""
    print(f"{args.config}: {times.processes} processes{group}, medians of {args.repeats} turns")
    rows = [
        ["loading a batch, by one worker", f"{1e3 * times.loading:.2f} ms"],
        ["step without exchange", f"{1e3 * times.alone:.2f} ms"],
        ["step with it", f"{1e3 * times.together:.2f} ms"],
        ["ratio of the two", f"{times.ratio:.3f}"],
        [f"mean of {times.values:,} gradients, {4 * times.values:,} bytes", f"{1e3 * times.exchange:.3f} ms"],
    ]
    print(table(["of each process", "median"], rows))
    print(
        f"\nBy arithmetic, over {args.bandwidth:g} GB/s and {args.latency:g} us a message, with the step "
        "without exchange and nothing done meanwhile:"
    )
    rows = []
    for processes in PROCESSES:
        seconds = exchange_seconds(times.values, processes, 1e9 * args.bandwidth, 1e-6 * args.latency)
        rows.append(
            [str(processes), f"{1e3 * seconds:.3f} ms", f"{times.alone / (times.alone + seconds):.1%}"]
        )
    print(table(["processes", "exchange", "efficiency"], rows))


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    args = parse_args(argv)
    run(lambda: benchmark(args))


if __name__ == "__main__":
    main()
