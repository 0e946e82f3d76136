"""Errors that users can fix, as commands report them. It needs no PyTorch, which takes seconds to import."""

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from mmlle.utils.errors import StoppedError, UserError, one_line

__all__ = ["INTERRUPTED", "run", "stop"]

#: The module of MMEngine that builds what configs describe.
_BUILDER = "mmengine.registry.build_functions"

#: Exit status of a process that Ctrl-C ended, as shells count.
INTERRUPTED = 130


def run(command: Callable[[], object]) -> None:
    """Run a command; an error that the user can fix ends it with its message and exit status 1."""
    try:
        command()
    except UserError as error:
        # A data loader's worker puts the whole traceback and the name of the error before the message.
        message = str(error)
        if message.startswith("Caught "):
            message = message.strip().splitlines()[-1].partition(": ")[2]
        end(message if isinstance(error, StoppedError) else f"Error: {message}", error.status)
    except KeyboardInterrupt:
        end("Interrupted.", INTERRUPTED)
    except Exception as error:
        problem = describe_building_error(error)
        if problem is None:
            raise
        stop(problem)


def describe_building_error(error: Exception) -> str | None:
    """Say in one line what kept a part of a config from being built; None if that was not where it failed.

    It is known by where the error was raised: by MMEngine's registries, of a name that is in none, or below
    them, in the class that gets the settings of the config.
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    building = [frame for frame in frames if frame.f_globals.get("__name__") == _BUILDER]
    if not building:
        return None
    kind = building[-1].f_locals.get("obj_type")
    if frames[-1] is building[-1] and isinstance(error, KeyError) or kind is None:
        return one_line(str(error.args[0] if error.args else error))
    name = getattr(kind, "__name__", kind)
    innermost = frames[-1]
    place = f"{Path(innermost.f_code.co_filename).name}:{innermost.f_lineno}"
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return one_line(f"{name} cannot be built with the settings of the config: {text} ({place})")


def stop(message: str) -> NoReturn:
    """End this process with the message of an error and exit status 1."""
    end(f"Error: {message}", 1)


def end(message: str, status: int) -> NoReturn:
    """End this process with a message and an exit status."""
    if is_distributed():
        # Leaving the group properly could mean to wait for processes that wait for this one.
        print(message, file=sys.stderr, flush=True)
        os._exit(status)
    if status == 1:
        sys.exit(message)
    print(message, file=sys.stderr)
    sys.exit(status)


def is_distributed() -> bool:
    """Whether this is one of several processes."""
    if "torch" not in sys.modules:
        return False
    from mmengine.dist import is_distributed

    return is_distributed()
