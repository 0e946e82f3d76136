import re

__all__ = [
    "ImageSizeError",
    "OptionError",
    "StoppedError",
    "UndefinedMeasureError",
    "UserError",
    "is_out_of_memory",
    "one_line",
]


class UserError(Exception):
    """Something that the user of a command can fix: commands print the message alone, no traceback.

    An error of this kind says what was wrong, what was found and what to do.

    Attributes:
        status: Exit status of a command that it ends.
    """

    status = 1


class StoppedError(UserError):
    """A training that a signal has stopped, after it was saved.

    Args:
        message: What was saved.
        number: The signal.
        status: Exit status of the process; None for 128 more than the signal, as shells count.
    """

    def __init__(self, message: str, number: int, status: int | None = None) -> None:
        super().__init__(message)
        self.status = 128 + number if status is None else status


class ImageSizeError(UserError, ValueError):
    """Images of sizes that cannot be used together, or at all."""


class OptionError(UserError, ValueError):
    """An option with a value that it cannot have."""


class UndefinedMeasureError(UserError, ValueError):
    """An image that a measure of quality is not defined for: too small, or without what it measures."""


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether memory did not suffice, of which each library has words of its own."""
    words = "out of memory|allocate memory|bad_alloc"
    return isinstance(error, MemoryError) or bool(re.search(words, str(error)))


def one_line(text: str) -> str:
    """Write control characters, such as the line breaks that a file name may have, as their escapes."""
    return re.sub(r"[\x00-\x1f\x7f]", lambda match: repr(match[0])[1:-1], text)
