"""Small weights trained with this package.

``index.json`` says for each model, by its short name: ``config``, below ``configs/``; ``task``;
``parameters``, how many the network that enhances has; ``weights``, a file here, or null where none are
shipped; ``licence`` of the data that they were trained on; ``results``, metrics by data set.
:mod:`mmlle.zoo.index` makes it from the metafiles. Beside each file of weights lies the log of the training
that gave it, of the same name with the ending ``.json``; see :func:`mmlle.zoo.publish.publish`; and beside
those of small models what ``mmlle export`` makes of them, with the ending ``.onnx``.
"""

import json
from pathlib import Path

from mmlle.utils.errors import UserError

__all__ = ["DEFAULT_MODEL", "config_path", "exported_path", "list_models", "protocol_path", "weights_path"]

#: Short name of the model that enhances where none is named: the best one of the quality benchmark.
DEFAULT_MODEL = "global_curve"

_FOLDER = Path(__file__).parent
# Configs lie in mmlle/.mim of an installed package, an editable one included.
_CONFIGS = _FOLDER.parent / ".mim" / "configs"


def list_models() -> dict[str, dict]:
    """Read the index: what is known of each model, by its short name."""
    return json.loads((_FOLDER / "index.json").read_text())


def config_path(model: str | Path) -> Path:
    """Find the config of a model.

    Args:
        model: A short name of the index, or the path of a config file.

    Raises:
        UserError: If it is neither, or the package is not installed.
    """
    if str(model).endswith(".py"):
        if Path(model).is_file():
            return Path(model)
        raise UserError(f"There is no config {model} (looked for from {Path.cwd()}).")
    models = list_models()
    if model not in models:
        raise UserError(f"There is no model {model!r}: name one of {', '.join(models)}, or a config file.")
    path = _CONFIGS / models[model]["config"]
    if not path.is_file():
        raise UserError(
            f"The config of {model!r} is not at {path}: the package lacks its configs until it is installed. "
            "In a checkout run: pip install -e ."
        )
    return path


def protocol_path(protocol: str | Path) -> Path:
    """Find the config of a protocol: which metrics with which options.

    Args:
        protocol: Name of a file in ``configs/_base_/protocols``, without its ending, or the path of a file.

    Raises:
        UserError: If it is neither.
    """
    if str(protocol).endswith(".py") and Path(protocol).is_file():
        return Path(protocol)
    folder = _CONFIGS / "_base_/protocols"
    path = folder / f"{protocol}.py"
    if not path.is_file():
        names = ", ".join(sorted(file.stem for file in folder.glob("*.py")))
        raise UserError(f"There is no protocol {protocol}: name one of {names}, or a config file.")
    return path


def weights_path(model: str | Path) -> Path:
    """Find the weights that are shipped for a model.

    Args:
        model: A short name of the index, or the path of a config file.

    Raises:
        UserError: If there are none.
    """
    name = list_models().get(str(model), {}).get("weights")
    if name is None:
        raise UserError(
            f"No weights are shipped for {model!r}: name a checkpoint of your own training, or the authors' "
            "weights converted by tools/model_converters/official_to_mmlle.py."
        )
    return _FOLDER / name


def exported_path(model: str | Path) -> Path | None:
    """Find the exported file that is shipped for a model by its short name; None if there is none."""
    name = list_models().get(str(model), {}).get("weights")
    path = None if name is None else (_FOLDER / name).with_suffix(".onnx")
    return path if path is not None and path.is_file() else None
