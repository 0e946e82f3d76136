"""What the dataset converters share: reading a source, decoding, and writing all or nothing."""

from __future__ import annotations

import io
import os
import re
import secrets
import shutil
import stat
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from PIL import Image

__all__ = [
    "BrokenImageError",
    "ConverterError",
    "Source",
    "assemble",
    "check_target",
    "decode",
    "natural_key",
    "run",
]

IMAGE_SUFFIXES = {".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}


class ConverterError(Exception):
    """Something the user can put right; the message says what, where and how."""


class BrokenImageError(Exception):
    """A file that should be an image and cannot be decoded."""


def natural_key(name: str) -> list[tuple[int, int | str]]:
    """Sort key that puts 2 before 10."""
    parts = re.split(r"(\d+)", name)
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts if part]


def decode(data: bytes) -> Image.Image:
    """Decode an image file completely.

    Raises:
        BrokenImageError: if the data is no image, or ends too early.
    """
    try:
        image = Image.open(io.BytesIO(data))
        image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        reason = "not an image" if isinstance(error, Image.UnidentifiedImageError) else str(error)
        raise BrokenImageError(reason) from error
    return image


class Source:
    """The image files of a folder or of a zip archive, by their path inside it.

    Members of an archive are only ever read into memory, so that no path or link in it can lead
    anywhere. Hidden files, system leftovers and links inside an archive are passed over.

    Args:
        path: a folder or a zip archive.

    Raises:
        ConverterError: if there is nothing at ``path``, or it is neither a folder nor a whole zip
            archive.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._zip: zipfile.ZipFile | None = None
        if path.is_dir():
            members = {name: name for name in self._walk()}
        elif path.is_file():
            self._zip = _open_zip(path)
            names = [member.filename for member in self._zip.infolist() if _is_regular(member)]
            members = {name.replace("\\", "/"): name for name in names}
        else:
            raise ConverterError(
                f"{path} does not exist. Give the downloaded zip archive or the folder it was unpacked to."
            )
        paths = {PurePosixPath(name): member for name, member in members.items()}
        self._members = {image: member for image, member in paths.items() if _is_image(image)}
        self.images = sorted(self._members, key=lambda image: natural_key(str(image)))

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._zip is not None:
            self._zip.close()

    @property
    def is_archive(self) -> bool:
        """Whether the images come from an archive."""
        return self._zip is not None

    def read(self, image: PurePosixPath) -> bytes:
        """Read one image file.

        Raises:
            BrokenImageError: if the file cannot be read, or is damaged within the archive.
            ConverterError: if the archive is encrypted.
        """
        if self._zip is None:
            try:
                return (self.path / image).read_bytes()
            except OSError as error:
                raise BrokenImageError(f"cannot be read: {error.strerror}") from error
        try:
            return self._zip.read(self._members[image])
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise BrokenImageError(f"damaged in the archive: {error}") from error
        except RuntimeError as error:  # zipfile's way to say that a password is needed
            raise ConverterError(
                f"{self.path} is encrypted ({error}). Unpack it and give the folder."
            ) from error

    def link(self, image: PurePosixPath, destination: Path) -> None:
        """Make ``destination`` a symbolic link to an image of a folder."""
        destination.symlink_to((self.path / image).resolve())

    def _walk(self) -> list[str]:
        names, seen = [], set()
        for folder, subfolders, files in os.walk(self.path, followlinks=True):
            real = os.path.realpath(folder)
            if real in seen:  # a link back up would never end
                subfolders.clear()
                continue
            seen.add(real)
            names += [(Path(folder) / name).relative_to(self.path).as_posix() for name in files]
        return names


@contextmanager
def assemble(target: Path, overwrite: bool) -> Iterator[Path]:
    """Give an empty folder beside ``target`` and put it in its place when all went well.

    On any error the folder is removed and what was at ``target`` stays as it was.

    Raises:
        ConverterError: as `check_target`.
    """
    check_target(target, overwrite)
    made = [folder for folder in target.parents if not folder.exists()]
    token = secrets.token_hex(4)
    staging = target.parent / f".{target.name}.new-{token}"
    try:
        staging.mkdir(parents=True)
        yield staging
        _swap(staging, target, target.parent / f".{target.name}.old-{token}")
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
        raise


def check_target(target: Path, overwrite: bool, source: Path | None = None) -> None:
    """Refuse a target that holds something, or that overlaps with the source.

    Raises:
        ConverterError: if ``target`` is a file, is not empty and ``overwrite`` is False, or if one
            of ``target`` and ``source`` lies in the other.
    """
    if source is not None:
        real_source, real_target = source.resolve(), target.resolve()
        if real_source.is_relative_to(real_target) or real_target.is_relative_to(real_source):
            raise ConverterError(
                f"the target {target} and the source {source} lie in one another. Give another "
                "folder with --out, or move the source."
            )
    if target.exists() and not target.is_dir():
        raise ConverterError(f"{target} is a file. Give another folder with --out.")
    if target.is_dir() and not overwrite and any(target.iterdir()):
        raise ConverterError(
            f"{target} exists and is not empty. Give --overwrite to replace it, or another folder with --out."
        )


def run(main: Callable[[], None]) -> None:
    """Run a script; turn what the user can put right into one message and exit code 1."""
    try:
        main()
    except ConverterError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(f"error: {error.strerror or error}: {error.filename or 'no file named'}")
    except KeyboardInterrupt:
        sys.exit("interrupted; nothing was written")


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


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        with path.open("rb") as file:
            begins_as_zip = file.read(2) == b"PK"
        if begins_as_zip:
            message = "is a zip archive that ends too early. Download it again."
        else:
            message = "is not a zip archive. Unpack it with the tool it needs and give the folder."
        raise ConverterError(f"{path} {message}") from error


def _is_regular(member: zipfile.ZipInfo) -> bool:
    return not member.is_dir() and not stat.S_ISLNK(member.external_attr >> 16)


def _is_image(path: PurePosixPath) -> bool:
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return not hidden and path.suffix.lower() in IMAGE_SUFFIXES
