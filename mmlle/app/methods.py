import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from mmlle.look import Look
from mmlle.utils.errors import UserError
from mmlle.zoo import DEFAULT_MODEL, list_models

__all__ = ["Inferencer", "Method", "Methods", "shipped_methods"]


class Inferencer(Protocol):
    """What the page needs of :class:`mmlle.apis.LowLightInferencer`."""

    look: Look

    def enhance_batch(self, images: np.ndarray, strengths: np.ndarray) -> np.ndarray:
        """Enhance (N, 3, H, W) float32 in [0, 1] by strengths; several threads may call it at once."""


class Method:
    """A loaded model.

    Args:
        inferencer: Enhances.

    Attributes:
        inferencer: Enhances.
        scale: By how much a result is larger than its photograph; 1 but for super-resolution.
    """

    def __init__(self, inferencer: Inferencer) -> None:
        self.inferencer = inferencer
        probe = inferencer.enhance_batch(
            np.zeros((1, 3, 8, 8), np.float32), np.ones((1, 1, 1, 1), np.float32)
        )
        self.scale = probe.shape[-1] // 8


class Methods:
    """Models by name, each loaded once, when it is first used, and shared by all threads.

    Args:
        names: The models that can be chosen.
        load: Loads a model.
    """

    def __init__(self, names: Sequence[str], load: Callable[[str], Inferencer]) -> None:
        self.names = tuple(names)
        self._load = load
        self._loaded: dict[str, Method] = {}
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> Method:
        """Return a model.

        Raises:
            UserError: If it cannot be chosen.
        """
        if name not in self.names:
            raise UserError(f"There is no method {name!r} here; choose one of {', '.join(self.names)}.")
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = Method(self._load(name))
            return self._loaded[name]


def shipped_methods() -> list[str]:
    """Names of the models whose weights are shipped, those for low light first, the default before all."""
    models = {name: model for name, model in list_models().items() if model["weights"]}
    return sorted(
        models, key=lambda name: ("Low-Light" not in models[name]["task"], name != DEFAULT_MODEL, name)
    )
