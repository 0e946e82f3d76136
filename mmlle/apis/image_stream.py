import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from mmlle.utils.errors import UserError, one_line
from mmlle.utils.files import write_bytes

from .batch import Codec, Existing, describe_error
from .image_jobs import check_folder, check_suffix

__all__ = ["enhance_stream"]

Picture = TypeVar("Picture")

_INPUT, _OUTPUT = "standard input", "standard output"


class _Input(io.BytesIO):
    """The bytes of one image; messages call it by its name."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name

    def __str__(self) -> str:
        return self.name


def enhance_stream(
    source: str,
    target: str,
    enhance: Callable[[Picture], Picture],
    codec: Codec[Picture],
    existing: Existing = "fail",
) -> list[str]:
    """Enhance one image from standard input, to standard output, or both.

    Args:
        source: Image file, or ``-`` for standard input.
        target: File for the result, or ``-`` for standard output, which gets the format of the source if
            it can be written.
        enhance: Enhances a decoded image.
        codec: Reads and encodes.
        existing: What becomes of a result that is there already.

    Returns:
        What the user should know of the result, a line for each.

    Raises:
        UserError: If the image cannot be read, enhanced or written.
    """
    if target != "-":
        path = Path(target)
        check_suffix(path)
        check_folder(path.parent)
        if os.path.lexists(path) and existing == "keep":
            return []
        if os.path.lexists(path) and (existing == "fail" or path.is_dir()):
            raise UserError(f"{path} is there already; --overwrite replaces a file.")
    name = _INPUT if source == "-" else source
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        result = enhance(codec.read(_Input(content, name)))
        file = None if target == "-" else Path(target)
        encoded = codec.encode(result, file)
        notes = [one_line(f"{name}: {note}.") for note in codec.notes(result, file)]
    except Exception as error:
        raise UserError(describe_error(Path(name), error)) from error
    try:
        if target == "-":
            sys.stdout.buffer.write(encoded)
            sys.stdout.buffer.flush()
        else:
            write_bytes(target, encoded, replace=existing == "replace")
    except OSError as error:
        if target == "-":  # else what is left is written again at the end of the process, and fails again
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise UserError(describe_error(Path(_OUTPUT if target == "-" else target), error)) from error
    return notes
