"""Make a small file of weights from a training's checkpoint, named as the files in mmlle/zoo are.

``python tools/model_converters/publish_model.py CHECKPOINT --config CONFIG`` leaves out what only
``--resume`` needs: the optimiser's state, the training's history, the whole config and discriminators. The
name is made of the config's, the day, and the first 8 hexadecimal digits of the file's SHA-256:
``<config>_<yyyymmdd>-<hash>.pth``. With ``--work-dir`` the log of the training goes beside it, as
``<config>_<yyyymmdd>-<hash>.json``. For the package itself: ``--out-dir mmlle/zoo``, write the name into the
metafile's ``Weights``, then run update_zoo_index.py.
"""

import argparse

from mmlle.cli.errors import run
from mmlle.zoo.publish import publish

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkpoint", help="checkpoint of a training")
    parser.add_argument(
        "--config", required=True, help="config of the training, which the file is named after"
    )
    parser.add_argument("--out-dir", default=".", help="folder to write to [.]")
    parser.add_argument("--half", action="store_true", help="store the weights of layers in half precision")
    parser.add_argument("--work-dir", help="folder of the training, the log of which is published too")
    args = parser.parse_args(argv)
    file = publish(args.checkpoint, args.config, args.out_dir, args.half, args.work_dir)
    print(f"{file}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    run(main)
