"""Test the results of the metafiles again, and look for faults in the weights that are shipped.

``python tools/analysis_tools/check_zoo.py --root data``

A result is tested where its weights are shipped and its data set is below the root (``lol_eval7``,
``LOL/eval15``, ``Set5``, ``Set14``). ``--originals FOLDER`` also converts the authors' weights, files named
``<method>_official.*``, and tests what their own code makes with them. The exit status is 1 if a figure is
not what is stated, or weights have a fault.
"""

import argparse
import tempfile
from pathlib import Path

from mmlle.cli.errors import run, stop
from mmlle.zoo import config_path, list_models, weights_path
from mmlle.zoo.check import Outcome, check, faults_of_weights, metafile_statements
from mmlle.zoo.originals import original_statements

__all__ = ["main"]

CONFIGS = Path(__file__).resolve().parents[2] / "configs"


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--root", default="data", help="folder of the data sets [%(default)s]")
    parser.add_argument("--models", nargs="+", metavar="NAME", help="only models whose names begin so")
    parser.add_argument("--originals", metavar="FOLDER", help="folder of the authors' weights")
    args = parser.parse_args(argv)
    run(lambda: check_zoo(args))


def check_zoo(args: argparse.Namespace) -> None:
    """Check as the command line says."""
    wrong = 0
    for name, entry in list_models().items():
        if entry["weights"] is not None:
            faults = faults_of_weights(weights_path(name), config_path(name))
            print(f"{entry['weights']}: {'; '.join(faults) or 'sound'}", flush=True)
            wrong += bool(faults)
    print("\n| model | data set | metric | stated | measured | |\n| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        statements = list(metafile_statements(CONFIGS))
        if args.originals is not None:
            statements += original_statements(Path(args.originals), CONFIGS, Path(folder))
        if args.models is not None:
            statements = [each for each in statements if each.model.startswith(tuple(args.models))]
        for outcome in check(statements, args.root, folder):
            for row in rows(outcome):
                print(f"| {' | '.join(row)} |", flush=True)
            wrong += bool(outcome.differing)
    if wrong:
        stop(f"{wrong} weights or results are not what is stated.")


def rows(outcome: Outcome) -> list[list[str]]:
    """Rows of the table, one for each metric."""
    statement = outcome.statement
    return [
        [
            *(statement.model, statement.dataset, name, f"{stated:.4f}"),
            f"{outcome.measured[name]:.4f}" if name in outcome.measured else "–",
            outcome.untested or ("differs" if name in outcome.differing else "equal"),
        ]
        for name, stated in statement.figures.items()
    ]


if __name__ == "__main__":
    main()
