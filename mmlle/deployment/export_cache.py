"""Files that are exported on the way, for the runtimes when a model is named by its config."""

import hashlib
import json
import os
import sys
from pathlib import Path

from mmengine.config import Config

from mmlle.version import __version__
from mmlle.zoo import config_path, weights_path

__all__ = ["cache_folder", "exported_file"]


def exported_file(model: str | Path, weights: str | Path | None = None) -> Path:
    """Find the exported file of a model in the user's cache folder, or export it there.

    It is named by what it is made of, so that another config, other weights or another release of this
    package have another one. Only the export needs PyTorch.

    Args:
        model: Short name of a model, or a config file.
        weights: Checkpoint; None for the one that is shipped.

    Raises:
        UserError: If the model cannot be loaded or exported.
    """
    config = Config.fromfile(config_path(model))
    checkpoint = weights_path(model) if weights is None else weights
    made_of = {name: config.get(name) for name in ("model", "look", "default_scope")}
    parts = [json.dumps(made_of, sort_keys=True, default=str), str(checkpoint), __version__]
    digest = hashlib.sha256("\0".join(parts).encode())
    if os.path.isfile(checkpoint):
        digest.update(Path(checkpoint).read_bytes())
    path = cache_folder() / f"{Path(config.filename).stem}-{digest.hexdigest()[:12]}.onnx"
    if not path.is_file():
        from mmlle.apis.torch_backend import TorchBackend

        from .export import export_model

        export_model(TorchBackend(model, weights, "cpu"), path)
    return path


def cache_folder() -> Path:
    """The folder for exported files, below the one that the system has for what can be made again."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "mmlle", "exported")
