"""Errors that users can fix, as commands report them. It needs no PyTorch, which takes seconds to import."""

import os
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

from mmlle.utils.errors import UserError

__all__ = ["INTERRUPTED", "run", "stop"]

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
        stop(message)
    except KeyError as error:
        # What MMEngine's registries say of a config: a name that is in none, or no name at all.
        *_, (innermost, _) = traceback.walk_tb(error.__traceback__)
        if innermost.f_globals["__name__"] != "mmengine.registry.build_functions":
            raise
        stop(error.args[0])


def stop(message: str) -> NoReturn:
    """End this process with a message and exit status 1."""
    message = f"Error: {message}"
    if is_distributed():
        # Leaving the group properly could mean to wait for processes that wait for this one.
        print(message, file=sys.stderr, flush=True)
        os._exit(1)
    sys.exit(message)


def is_distributed() -> bool:
    """Whether this is one of several processes."""
    if "torch" not in sys.modules:
        return False
    from mmengine.dist import is_distributed

    return is_distributed()
