from typing import Any

from mmlle.registry import MODELS

__all__ = ["build_if_given"]


def build_if_given(config: dict | None, **arguments: object) -> Any:
    """Build a part of a model from its config and further arguments; None for None."""
    return None if config is None else MODELS.build({**config, **arguments})
