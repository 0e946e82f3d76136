"""Original weights of the methods' authors, by the names of this package.

What is special to a method is in its own folder, ``mmlle/models/editors/<method>/official_weights.py``, as
``OFFICIAL``.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import torch
from torch import Tensor, nn

from mmlle.utils.errors import UserError

__all__ = ["OfficialWeights", "official_weights", "official_weights_methods", "read_pytorch"]

_EDITORS = Path(__file__).parents[1] / "editors"


def read_pytorch(path: str | Path) -> dict[str, Tensor]:
    """Read a PyTorch file of weights, without running any code that it may hold.

    Args:
        path: The file.

    Returns:
        Weights by name, without the prefix ``module.`` of DataParallel.

    Raises:
        UserError: If there is no such file, or it holds anything else than a dictionary of weights.
    """
    if not Path(path).is_file():
        raise UserError(f"There is no file {path} (looked for from {Path.cwd()}).")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # each kind of broken file has an exception of its own
        # torch's own message recommends to load the file again with its code.
        raise UserError(
            f"{path} is not a PyTorch file of weights: it is damaged, of another type, or holds objects "
            "whose code would have to run. Download it again from the authors' repository."
        ) from error
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in state.items()
    ):
        raise UserError(f"{path} holds no dictionary of weights, but {type(state).__name__}.")
    return {name.removeprefix("module."): value for name, value in state.items()}


@dataclass(frozen=True)
class OfficialWeights:
    """How the original weights of a method become those of ours.

    Attributes:
        network: Our network.
        renames: Patterns of regular expressions and their replacements, applied one after the other, which
            turn the original's names of weights into ours.
        read: Reads the authors' file; gives weights by the original's names, in PyTorch's order.
    """

    network: type[nn.Module]
    renames: Sequence[tuple[str, str]]
    read: Callable[[str | Path], dict[str, Tensor]] = read_pytorch

    def convert(self, original: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Rename the weights of an original network and check them against ours.

        Args:
            original: Weights by the original's names.

        Returns:
            Weights by their names in a model of this package.

        Raises:
            UserError: If names or shapes are not those of the method.
        """
        weights = {self._rename(name): value for name, value in original.items()}
        try:
            self.network().load_state_dict(weights)
        except RuntimeError as error:
            raise UserError(f"These are not the weights of {self.network.__name__}: {error}") from error
        return {f"generator.{name}": value for name, value in weights.items()}

    def _rename(self, name: str) -> str:
        for pattern, replacement in self.renames:
            name = re.sub(pattern, replacement, name)
        return name


def official_weights_methods() -> list[str]:
    """Names of the methods whose original weights can be converted."""
    return sorted(path.parent.name for path in _EDITORS.glob("*/official_weights.py"))


def official_weights(method: str) -> OfficialWeights:
    """Find how the original weights of a method are converted.

    Args:
        method: One of :func:`official_weights_methods`.
    """
    return import_module(f"mmlle.models.editors.{method}.official_weights").OFFICIAL
