"""Make mmlle/zoo/index.json and model-index.yml from configs/*/metafile.yml, after a change of these."""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.utils.files import write_bytes
from mmlle.zoo.index import render_index, render_model_index

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Run the command."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for name, render in {"mmlle/zoo/index.json": render_index, "model-index.yml": render_model_index}.items():
        write_bytes(ROOT / name, render(ROOT / "configs").encode())
        print(name)


if __name__ == "__main__":
    run(main)
