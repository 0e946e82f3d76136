"""Weights of the frozen networks that guide a training."""

from torch import Tensor, nn

from mmlle.utils.checkpoint_io import CheckpointError, read_checkpoint
from mmlle.utils.errors import UserError

__all__ = ["WeightsError", "fill_with_weights", "read_weights"]


class WeightsError(UserError, RuntimeError):
    """Weights of a guiding network that cannot be read or do not fit."""


def read_weights(source: str, what: str, remedy: str) -> dict[str, Tensor]:
    """Read a file of weights.

    Args:
        source: A local file, a URL or an ``open-mmlab://`` name.
        what: What the network is called in messages.
        remedy: What to do about it, for messages.

    Returns:
        Weights by name.

    Raises:
        WeightsError: If the file cannot be read.
    """
    try:
        return read_checkpoint(source)["state_dict"]
    except CheckpointError as error:
        raise WeightsError(
            f"The {what}'s weights {source!r} could not be loaded: {error} {remedy}"
        ) from error


def fill_with_weights(
    network: nn.Module, weights: dict[str, Tensor], source: str, what: str, remedy: str
) -> None:
    """Give a network its weights, of a file that may hold others as well.

    Args:
        network: The network.
        weights: Weights by name.
        source: Where they come from, for messages.
        what: What the network is called in messages.
        remedy: What to do about it, for messages.

    Raises:
        WeightsError: If some weights of the network are missing, or of another shape.
    """
    try:
        missing = network.load_state_dict(weights, strict=False).missing_keys
    except RuntimeError as error:  # the shapes: another depth, another number of classes
        raise WeightsError(f"{source!r} does not fit the {what}: {error}. {remedy}") from error
    if missing:
        raise WeightsError(
            f"{source!r} does not fit the {what}: it lacks {len(missing)} of its "
            f"{len(network.state_dict())} weights, {missing[0]!r} for one. {remedy}"
        )
