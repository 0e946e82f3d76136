import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from mmlle.utils.errors import UserError
from mmlle.version import __version__

__all__ = ["ModelFileError", "ModelInfo"]

#: What the names of this package's entries in the metadata of an ``.onnx`` file begin with.
_PREFIX = "mmlle."
#: Number of the layout of inputs, outputs and entries.
_LAYOUT = 1


class ModelFileError(UserError, ValueError):
    """A file is no exported model, or is damaged."""


@dataclass(frozen=True)
class ModelInfo:
    """What an exported file tells of its model.

    The graph takes ``image``, (N, 3, h, w), RGB in [0, 1], and ``strength``, (N, 1, h, w), 0 for the input
    and 1 for as trained, and gives ``enhanced``, (N, 3, scale * h, scale * w), RGB in [0, 1]; all float32.

    Attributes:
        model: Class of the model.
        config: Name of its config, without folder and ending.
        licence: Of the data that the weights were trained on; None if it is not known.
        weights_sha256: SHA-256 of the file of the weights; None if they were read from elsewhere.
        scale: By how much it enlarges.
        receptive_radius: Largest distance in pixels, along a row or column, of an input pixel that an output
            pixel depends on; None if it depends on the whole image.
        size_multiple: What h and w must be multiples of.
        smallest_side: What h and w are at least.
        pixel_bytes: Bytes that the activations take for each pixel.
        look: Settings of the :class:`~mmlle.look.Look` that the config carries.
        precision: ``'float32'``, or ``'int8'`` for convolutions that were quantised.
        value_range: Of image and result.
        channel_order: Of image and result.
        mmlle_version: That of the package that wrote the file.
    """

    model: str
    config: str
    licence: str | None
    weights_sha256: str | None
    scale: int
    receptive_radius: int | None
    size_multiple: int
    smallest_side: int
    pixel_bytes: int
    look: dict[str, Any] = field(default_factory=dict)
    precision: str = "float32"
    value_range: str = "0 to 1"
    channel_order: str = "RGB"
    mmlle_version: str = __version__

    def metadata(self) -> dict[str, str]:
        """Entries of the metadata of a file, by name."""
        entries = {"layout": _LAYOUT, **asdict(self)}
        return {_PREFIX + name: json.dumps(value) for name, value in entries.items()}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], path: object) -> "ModelInfo":
        """Read the entries of the metadata of a file.

        Args:
            metadata: All of the file's.
            path: Of the file, for messages.

        Raises:
            ModelFileError: If ``mmlle export`` did not write the file, or one of a later release did.
        """
        entries = {
            name.removeprefix(_PREFIX): value for name, value in metadata.items() if name.startswith(_PREFIX)
        }
        if "layout" not in entries:
            raise ModelFileError(
                f"{path} is an ONNX file, but `mmlle export` did not write it: it lacks the metadata that "
                "tell how images go in. Export a model of this package: mmlle export MODEL -o F.onnx."
            )
        try:
            found = {name: json.loads(value) for name, value in entries.items()}
            if found["layout"] == _LAYOUT:
                return cls(**{each.name: found[each.name] for each in fields(cls)})
            version = found["mmlle_version"]
        except (KeyError, ValueError) as error:
            raise ModelFileError(f"The metadata of {path} are damaged: export the model again.") from error
        raise ModelFileError(
            f"{path} has layout {found['layout']} and this mmlle {__version__} reads {_LAYOUT}: export the "
            f"model again, or install mmlle {version}."
        )
