"""The index of the zoo and the list of the metafiles, made from the metafiles.

A model of a metafile (``configs/<method>/metafile.yml``) with a ``Short Name`` among its ``Metadata`` is in
the index: its ``Config``; its ``Task``; ``Parameters``, how many the network that enhances has; the file of
its ``Weights`` if it has any; ``Licence``, that of the data that they were trained on; and their ``Results``.
"""

import json
from pathlib import Path

from mmengine.fileio import load

from mmlle.utils.errors import UserError

__all__ = ["MetafileError", "render_index", "render_model_index"]


class MetafileError(UserError, ValueError):
    """A metafile that the index cannot be made from."""


def render_index(configs: Path) -> str:
    """Text of ``mmlle/zoo/index.json``; see :mod:`mmlle.zoo`.

    Args:
        configs: The folder of the configs.

    Raises:
        MetafileError: If two models have one short name, one of these has no task or number of parameters, or
            weights have no licence.
    """
    index = {}
    for metafile in _metafiles(configs):
        for model in load(metafile)["Models"]:
            name = model["Metadata"].get("Short Name")
            if name is None:
                continue
            if name in index:
                raise MetafileError(f"{metafile}: the short name {name} of {model['Name']} is taken already.")
            missing = {"Task", "Parameters"} - set(model["Metadata"])
            if missing:
                raise MetafileError(
                    f"{metafile}: {model['Name']} has a short name; add {' and '.join(sorted(missing))} to "
                    "its Metadata."
                )
            weights, licence = model.get("Weights"), model["Metadata"].get("Licence")
            if weights and not licence:
                raise MetafileError(
                    f"{metafile}: {model['Name']} has weights; add the licence of the data that they were "
                    "trained on to its Metadata, as Licence."
                )
            index[name] = dict(
                config=model["Config"].removeprefix("configs/"),
                task=model["Metadata"]["Task"],
                parameters=model["Metadata"]["Parameters"],
                weights=weights and weights.rpartition("/")[2],
                licence=licence,
                results={result["Dataset"]: result["Metrics"] for result in model.get("Results") or []},
            )
    return json.dumps(dict(sorted(index.items())), indent=2, ensure_ascii=False) + "\n"


def render_model_index(configs: Path) -> str:
    """Text of ``model-index.yml``, the list of the metafiles.

    Args:
        configs: The folder of the configs.
    """
    paths = (f"  - configs/{path.relative_to(configs).as_posix()}" for path in _metafiles(configs))
    return "\n".join(["Import:", *paths]) + "\n"


def _metafiles(configs: Path) -> list[Path]:
    return sorted(configs.glob("*/metafile.yml"))
