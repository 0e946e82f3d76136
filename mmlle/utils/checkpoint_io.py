"""Checkpoint files: read safely, loaded strictly, written whole."""

import errno
import io
import os
import pickle
import re
import traceback
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlparse

import safetensors.torch
import torch
from filelock import FileLock
from mmengine.runner.checkpoint import (
    CheckpointLoader,
    get_deprecated_model_names,
    get_external_models,
    get_state_dict,
    get_torchvision_models,
    load_state_dict,
)
from torch import Tensor, nn

from mmlle.version import __version__

from .denormals import zero_denormals
from .errors import UserError
from .files import write_bytes
from .unwrap_model import unwrap_model

__all__ = [
    "CheckpointError",
    "DamagedCheckpointError",
    "UnfitCheckpointError",
    "UntrustedCheckpointError",
    "check_weights",
    "checkpoints_are_trusted",
    "load_weights",
    "read_checkpoint",
    "set_weights",
    "trust_checkpoints",
    "write_checkpoint",
]

#: Read by ``torch.load`` too, whenever it is called without ``weights_only``.
_TRUST_VARIABLE = "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"

#: How torch's refusals name what a file wanted to use.
_UNSAFE = re.compile(r"GLOBAL (\S+) (?:was|whose)|unrecognized function (.+)|but got (.+)")

#: The number that begins a file of ``torch.save`` before version 1.6, as it is pickled.
_LEGACY_MAGIC = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."

#: How many names a message gives before it only counts.
_NAMES_SHOWN = 3


class CheckpointError(UserError, RuntimeError):
    """A checkpoint is missing or cannot be used."""


class UntrustedCheckpointError(CheckpointError):
    """A checkpoint holds more than data; loading it would run code that it brings along."""


class DamagedCheckpointError(CheckpointError):
    """A file is not a checkpoint, or only a part of one."""


class UnfitCheckpointError(CheckpointError):
    """The weights of a checkpoint are another model's, or not finite."""


def trust_checkpoints() -> None:
    """Let checkpoints run the code that they bring along, here and in spawned processes.

    The flag ``--trust-checkpoint`` of ``mmlle train`` and ``mmlle test`` calls it.
    """
    os.environ[_TRUST_VARIABLE] = "1"


def checkpoints_are_trusted() -> bool:
    """Whether :func:`trust_checkpoints`, or the user's environment, has allowed pickled code."""
    return os.environ.get(_TRUST_VARIABLE, "0") in ("1", "y", "yes", "true")


def read_checkpoint(
    source: str | Path, map_location: str | torch.device | Callable = "cpu"
) -> dict[str, Any]:
    """Read a checkpoint; nothing in it is run, unless checkpoints are trusted.

    Args:
        source: A local file of torch or safetensors, a URL, or a name that MMEngine knows:
            ``open-mmlab://…``, ``torchvision://…``.
        map_location: Where the tensors go.

    Returns:
        What the file holds. A file of bare weights is given as ``dict(state_dict=weights)``.

    Raises:
        CheckpointError: If there is no such file, it cannot be downloaded, is damaged, holds no weights, or
            wants to run code.
    """
    source = _resolve(str(source))
    scheme = urlparse(source).scheme if "://" in source else ""
    path = _download(source) if scheme in ("http", "https") else Path(source).expanduser()
    with _clear_messages(source if path == Path(source) else f"{path} (of {source})"):
        if scheme in ("", "http", "https"):
            if not path.is_file():
                raise CheckpointError(f"There is no checkpoint {source} (looked for from {Path.cwd()}).")
            if path.suffix == ".safetensors":
                return dict(state_dict=_read_safetensors(path, map_location))
            if not _is_of_torch(path):
                raise pickle.UnpicklingError
            checkpoint = torch.load(path, map_location, weights_only=not checkpoints_are_trusted())
        else:  # object storage and the like, and what a program has registered
            checkpoint = CheckpointLoader.load_checkpoint(source, map_location, logger=None)
    if not isinstance(checkpoint, dict):
        raise CheckpointError(f"{source} holds no weights, but {type(checkpoint).__name__}.")
    return checkpoint if "state_dict" in checkpoint else dict(state_dict=checkpoint)


def load_weights(model: nn.Module, source: str | Path, what: str = "the model") -> None:
    """Give a model the weights of a file, for enhancing, testing or the beginning of a training.

    Args:
        model: The model; a wrapper for several processes may be around it or its parts.
        source: See :func:`read_checkpoint`.
        what: What the model is called in messages.

    Raises:
        CheckpointError: If the file cannot be read, its weights do not fit or are not finite; the model is
            then as it was.
    """
    weights = read_checkpoint(source)["state_dict"]
    # Of a whole model that was saved in its wrapper.
    weights = {name.removeprefix("module."): value for name, value in weights.items()}
    set_weights(model, check_weights(model, weights, source, what))


def check_weights(
    model: nn.Module,
    weights: Mapping[str, Tensor],
    source: str | Path,
    what: str = "the model",
    whole: bool = False,
) -> dict[str, Tensor]:
    """Check that weights are a model's, all of them, and finite.

    A model declares in ``training_only`` which of its parts only training needs, such as a discriminator.
    Each of these may be missing as a whole, in the model or in the weights.

    Args:
        model: The model; a wrapper for several processes may be around it or its parts. Models inside it
            declare for themselves.
        weights: By name.
        source: Where they come from, for messages.
        what: What the model is called in messages.
        whole: Whether nothing may be missing, as when a training goes on.

    Returns:
        The weights of the parts that both have.

    Raises:
        UnfitCheckpointError: If weights are missing, unknown to the model, of other shapes or not finite.
    """
    own = get_state_dict(model)
    given = dict(weights)
    for prefix in () if whole else tuple(_training_only(model)):
        sides = [[name for name in side if name.startswith(prefix)] for side in (own, given)]
        if not all(sides):
            for side, names in zip((own, given), sides, strict=True):
                for name in names:
                    del side[name]
    # As MMEngine and torch have it: batch normalisation did not always count its batches.
    missing = [name for name in own.keys() - given.keys() if not name.endswith("num_batches_tracked")]
    unknown = given.keys() - own.keys()
    shapes = {name: (_shape(given[name]), _shape(own[name])) for name in own.keys() & given.keys()}
    reshaped = {
        f"{name} {found} instead of {wanted}" for name, (found, wanted) in shapes.items() if found != wanted
    }
    problems = [
        f"{len(names)} {text}: {_some(names)}"
        for names, text in (
            (missing, f"of its {len(own)} weights are missing"),
            (unknown, "weights are unknown to it"),
            (reshaped, "weights have another shape"),
        )
        if names
    ]
    if problems:
        raise UnfitCheckpointError(
            f"{source} does not fit {what}: {'; '.join(problems)}. Use a checkpoint of this model, or the "
            "config that it was trained with."
        )
    wrong = [name for name, value in given.items() if _is_not_finite(value)]
    if wrong:
        raise UnfitCheckpointError(
            f"{source} holds weights that are infinite or not a number: {len(wrong)} of {len(given)}, the "
            f"first is {wrong[0]}. Its training had broken down: use an earlier checkpoint."
        )
    return given


def set_weights(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Give a model weights that :func:`check_weights` has found to fit; other parts keep their own."""
    state = get_state_dict(model)
    state.update(weights)
    load_state_dict(model, state, strict=True)


def write_checkpoint(path: str | Path, weights: Mapping[str, Tensor], meta: Mapping[str, Any]) -> None:
    """Write weights as a checkpoint, as a whole or not at all, with denormal numbers set to zero.

    Args:
        path: Where to; missing folders are made.
        weights: By their names in a model.
        meta: What else to keep, plain values by name; this package's version is added.
    """
    state = {name: value.clone() for name, value in weights.items()}
    zero_denormals(state.values())
    checkpoint = dict(state_dict=state, meta=dict(meta, mmlle_version=__version__))
    buffer = io.BytesIO()
    torch.save(checkpoint, buffer)
    write_bytes(path, buffer.getvalue())


def _training_only(module: nn.Module, prefix: str = "") -> Iterator[str]:
    """What the names of weights begin with that only training needs."""
    module = unwrap_model(module)
    for part in getattr(module, "training_only", ()):
        yield f"{prefix}{part}."
    for name, child in module.named_children():
        yield from _training_only(child, f"{prefix}{name}.")


def _shape(value: Any) -> tuple[int, ...] | None:
    """Shape of a weight; a module's extra state may be no tensor and has none."""
    return tuple(value.shape) if isinstance(value, Tensor) else None


def _is_not_finite(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point() and not bool(value.isfinite().all())


def _some(names: Iterable[str]) -> str:
    """Name a few of many."""
    ordered = sorted(names)
    return ", ".join(ordered[:_NAMES_SHOWN]) + (", …" if len(ordered) > _NAMES_SHOWN else "")


def _resolve(source: str) -> str:
    """Give the URL of a name that MMEngine knows; anything else as it is.

    Raises:
        CheckpointError: If MMEngine does not know the name.
    """
    scheme, _, name = source.rpartition("://")
    if scheme in ("open-mmlab", "openmmlab"):
        models = get_external_models()
        name = get_deprecated_model_names().get(name, name)
    elif scheme in ("torchvision", "modelzoo"):
        models = get_torchvision_models()
    else:
        return source
    if name not in models:
        raise CheckpointError(f"There is no checkpoint {source}: MMEngine does not know the name {name!r}.")
    return models[name] if "://" in models[name] else source


def _download(url: str) -> Path:
    """Download a file to torch's cache, unless it is there already.

    Raises:
        CheckpointError: If that fails.
    """
    path = Path(torch.hub.get_dir(), "checkpoints", Path(urlparse(url).path).name)
    path.parent.mkdir(parents=True, exist_ok=True)
    # One process downloads; the others wait for it and find the file, unless they are on another machine.
    with FileLock(f"{path}.lock"):
        if not path.is_file():
            try:
                torch.hub.download_url_to_file(url, str(path), progress=os.isatty(0))
            except (URLError, TimeoutError, ConnectionError) as error:
                raise CheckpointError(
                    f"{url} cannot be downloaded: {error}. Download it elsewhere and name the local file."
                ) from error
    return path


def _is_of_torch(path: Path) -> bool:
    """Tell by its first bytes, and a zip archive's directory, whether ``torch.save`` wrote a file."""
    with path.open("rb") as file:
        if _LEGACY_MAGIC in file.read(32):
            return True
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("data.pkl") for name in archive.namelist())


def _read_safetensors(path: Path, map_location: str | torch.device | Callable) -> dict[str, Tensor]:
    """Read weights from a file that holds nothing else.

    Raises:
        DamagedCheckpointError: If it is none, or only a part of one.
    """
    try:
        weights = safetensors.torch.load(path.read_bytes())
    except safetensors.SafetensorError as error:
        raise _damaged(str(path), "safetensors") from error
    if callable(map_location):
        return weights
    return {name: value.to(map_location) for name, value in weights.items()}


@contextmanager
def _clear_messages(source: str) -> Iterator[None]:
    """Say in one message why a checkpoint cannot be loaded."""
    try:
        yield
    except CheckpointError:
        raise
    except pickle.UnpicklingError as error:
        wanted = _UNSAFE.search(str(error))
        raise (
            _damaged(source) if wanted is None else _refused(source, wanted[wanted.lastindex or 0])
        ) from error
    except RuntimeError as error:
        if re.search(r"PytorchStreamReader|unexpected EOF|[Ii]nvalid magic number", str(error)):
            raise _damaged(source) from error
        raise  # not the file's fault: a device that is not there, contradicting settings
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        # What torch 2.11 makes of a zip archive without its end.
        raise _damaged(source) from error
    except EOFError as error:
        raise _damaged(source) from error
    except Exception as error:
        # Bytes that are no pickle end the unpickler in errors of many classes; those of anything else that
        # was called while loading are the program's.
        if not _raised_by_unpickler(error):
            raise
        raise _damaged(source) from error


def _raised_by_unpickler(error: Exception) -> bool:
    """Whether torch's safe unpickler itself raised an error, and not what it called."""
    *_, (innermost, _) = traceback.walk_tb(error.__traceback__)
    return innermost.f_globals["__name__"] == "torch._weights_only_unpickler"


def _refused(source: str, wanted: str) -> UntrustedCheckpointError:
    return UntrustedCheckpointError(
        f"The checkpoint '{source}' was not loaded: it wants to use '{wanted}', which is more than weights "
        "and numbers and could run any code. If you trust where it comes from, run the command again with "
        f"{_TRUST_VARIABLE}=1 in its environment; `mmlle train` and `mmlle test` have --trust-checkpoint for "
        "it."
    )


def _damaged(source: str, writer: str = "torch.save") -> DamagedCheckpointError:
    return DamagedCheckpointError(
        f"The file '{source}' is not a checkpoint that {writer} wrote, or is only a part of one (an "
        "interrupted copy or download?). Delete it, and fetch or convert it again."
    )
