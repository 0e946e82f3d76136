"""Reading the images of a downloaded data set, a folder or a zip archive."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from PIL import Image

from mmlle.media.image_io import IMAGE_SUFFIXES
from mmlle.utils.errors import UserError
from mmlle.utils.files import walk_files

__all__ = ["BrokenImageError", "Source", "decode", "natural_key"]


class BrokenImageError(Exception):
    """A file that should be an image and cannot be decoded."""


def natural_key(name: str) -> list[tuple[int, int | str]]:
    """Sort key that puts 2 before 10."""
    parts = re.split(r"(\d+)", name)
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts if part]


def decode(data: bytes) -> Image.Image:
    """Decode an image file completely.

    Raises:
        BrokenImageError: If the data is no image, or ends too early.
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
        path: A folder or a zip archive.
        link: Whether images will be linked to, which takes a folder.

    Raises:
        UserError: If there is nothing at ``path``, it cannot be read, is neither a folder nor a whole zip
            archive, or is an archive that cannot be linked to.
    """

    def __init__(self, path: Path, link: bool = False) -> None:
        self.path = path
        self._zip: zipfile.ZipFile | None = None
        if path.is_dir():
            members = {name: name for name in walk_files(path)}
        elif path.is_file():
            if link:
                raise UserError(f"--link needs a folder, and {path} is an archive. Unpack it first.")
            self._zip = _open_zip(path)
            names = [member.filename for member in self._zip.infolist() if _is_regular(member)]
            members = {name.replace("\\", "/"): name for name in names}
        else:
            raise UserError(
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

    def read(self, image: PurePosixPath) -> bytes:
        """Read one image file.

        Raises:
            BrokenImageError: if the file cannot be read, or is damaged within the archive.
            UserError: if the archive is encrypted.
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
            raise UserError(f"{self.path} is encrypted ({error}). Unpack it and give the folder.") from error

    def link(self, image: PurePosixPath, destination: Path) -> None:
        """Make ``destination`` a symbolic link to an image of a folder."""
        destination.symlink_to((self.path / image).resolve())

    def transfer(self, image: PurePosixPath, destination: Path, link: bool) -> None:
        """Copy a whole image, or link to it; nothing is written of a broken one.

        Raises:
            BrokenImageError: If it cannot be read or decoded.
        """
        content = self.read(image)
        decode(content)
        destination.parent.mkdir(parents=True, exist_ok=True)
        if link:
            self.link(image, destination)
        else:
            destination.write_bytes(content)


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except zipfile.BadZipFile as error:
        with path.open("rb") as file:
            begins_as_zip = file.read(2) == b"PK"
        if begins_as_zip:
            message = "is a zip archive that ends too early. Download it again."
        else:
            message = "is not a zip archive. Unpack it with the tool it needs and give the folder."
        raise UserError(f"{path} {message}") from error


def _is_regular(member: zipfile.ZipInfo) -> bool:
    return not member.is_dir() and not stat.S_ISLNK(member.external_attr >> 16)


def _is_image(path: PurePosixPath) -> bool:
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return not hidden and path.suffix.lower() in IMAGE_SUFFIXES
