"""Writing a data set all or nothing."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mmlle.utils.errors import UserError

__all__ = ["assemble", "check_target"]


@contextmanager
def assemble(target: Path, overwrite: bool) -> Iterator[Path]:
    """Give an empty folder beside ``target`` and put it in its place when all went well.

    On any error the folder is removed and what was at ``target`` stays as it was.

    Raises:
        UserError: As `check_target`, and if the disk is full or a file cannot be written.
    """
    check_target(target, overwrite)
    made = [folder for folder in target.parents if not folder.exists()]
    token = secrets.token_hex(4)
    staging = target.parent / f".{target.name}.new-{token}"
    try:
        staging.mkdir(parents=True)
        yield staging
        _swap(staging, target, target.parent / f".{target.name}.old-{token}")
    except BaseException as error:
        shutil.rmtree(staging, ignore_errors=True)
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
        if isinstance(error, OSError) and not isinstance(error, UserError):
            raise UserError(
                f"{target} cannot be written: {error.strerror or error}: {error.filename or 'no file named'}."
            ) from error
        raise


def check_target(target: Path, overwrite: bool, source: Path | None = None) -> None:
    """Refuse a target that holds something, or that overlaps with the source.

    Raises:
        UserError: If ``target`` is a file, is not empty and ``overwrite`` is False, or if one
            of ``target`` and ``source`` lies in the other.
    """
    if source is not None:
        real_source, real_target = source.resolve(), target.resolve()
        if real_source.is_relative_to(real_target) or real_target.is_relative_to(real_source):
            raise UserError(
                f"The target {target} and the source {source} lie in one another. Give another "
                "folder with --out, or move the source."
            )
    if target.exists() and not target.is_dir():
        raise UserError(f"{target} is a file. Give another folder with --out.")
    if target.is_dir() and not overwrite and any(target.iterdir()):
        raise UserError(
            f"{target} exists and is not empty. Give --overwrite to replace it, or another folder with --out."
        )


def _swap(staging: Path, target: Path, aside: Path) -> None:
    """Rename ``staging`` to ``target``; an earlier target goes only when that has worked."""
    earlier = target.exists() or target.is_symlink()
    if earlier:
        target.rename(aside)
    try:
        staging.rename(target)
    except BaseException:
        if earlier:
            aside.rename(target)
        raise
    if not earlier:
        return
    if aside.is_symlink():
        aside.unlink()
    else:
        shutil.rmtree(aside)
