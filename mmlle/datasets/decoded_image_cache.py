import hashlib
import io
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from filelock import FileLock
from tqdm import tqdm

from mmlle.media.color import mean_luma
from mmlle.media.image_io import UnreadableImageError, image_size, read_image
from mmlle.utils.errors import UserError
from mmlle.utils.files import write_bytes

__all__ = ["DecodedImageCache"]


class DecodedImageCache:
    """A folder of decoded images, of which a crop can be read without the rest.

    Decoding a photograph of 20 megapixels takes half a second, a crop of 128 pixels from the decoded one
    a fraction of a millisecond. Entries are NumPy files named by the image's path, time of change and size in
    bytes: a changed image gets a new entry. Each is written as a whole or not at all, so any number of
    processes may read and build at the same time; they share the memory as well. A small file beside each
    holds the mean luma, which would take reading all of the image.

    Args:
        folder: Where the entries are; made when the first one is written.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def build(self, paths: Iterable[str]) -> None:
        """Decode the images that are not there yet, with a progress bar.

        What cannot be read is left out; :meth:`read` tells of it.

        Processes that build one cache wait for each other, and find the work done; on storage without locks
        each does all of it.

        Raises:
            UserError: If the decoded images would not fit on the disk.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._in_turn():
            sizes = {}
            for path in paths:
                with suppress(UnreadableImageError):
                    if not self._entry(path).is_file():
                        sizes[path] = image_size(path)
            self._check_space(sizes)
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                done = pool.map(self._build, sizes)
                for _ in tqdm(done, "decoding", len(sizes), unit="image", disable=None if sizes else True):
                    pass

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        lock = FileLock(self.folder / ".lock")
        with suppress(OSError, NotImplementedError):  # network storage may have no locks
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def _build(self, path: str) -> None:
        with suppress(UnreadableImageError):
            self._made(path)

    def read(self, path: str) -> np.ndarray:
        """Give a decoded image, as :func:`read_image` does, without reading it yet.

        Args:
            path: The image file; one that is new or has changed is decoded first.

        Returns:
            (H, W, 3) uint8, BGR, mapped from the disk; what is written to it is not saved.

        Raises:
            UnreadableImageError: If the file is missing, cut short or not an image.
        """
        return np.load(self._made(path), mmap_mode="c")

    def mean_luma(self, path: str) -> float:
        """Give :func:`mmlle.media.color.mean_luma` of an image; see :meth:`read`."""
        return float(self._made(path).with_suffix(".luma").read_text())

    def _made(self, path: str) -> Path:
        entry = self._entry(path)
        if not entry.is_file():
            self._write(path, entry)
        return entry

    def _entry(self, path: str) -> Path:
        """Name the entry of an image in its present state."""
        try:
            state = os.stat(path)
        except OSError as error:
            raise UnreadableImageError(f"Cannot read the image {path}: {error}.") from error
        version = hashlib.sha256(f"{state.st_mtime_ns} {state.st_size}".encode()).hexdigest()
        return self.folder / f"{self._name(path)}-{version[:16]}.npy"

    @staticmethod
    def _name(path: str) -> str:
        return hashlib.sha256(os.path.abspath(path).encode()).hexdigest()[:32]

    def _write(self, path: str, entry: Path) -> None:
        image = read_image(path)
        outdated = list(self.folder.glob(f"{self._name(path)}-*"))
        content = io.BytesIO()
        np.save(content, image)
        # The entry comes last: where it is, its luma is.
        write_bytes(entry.with_suffix(".luma"), repr(mean_luma(image)).encode())
        write_bytes(entry, content.getbuffer())
        for other in outdated:
            if other.stem != entry.stem:
                other.unlink(missing_ok=True)

    def _check_space(self, sizes: dict[str, tuple[int, int]]) -> None:
        needed = sum(3 * height * width for height, width in sizes.values())
        free = shutil.disk_usage(self.folder).free
        if needed > free:
            raise UserError(
                f"The {len(sizes)} decoded images take {needed / 1e9:.1f} GB, and the disk of {self.folder} "
                f"has {free / 1e9:.1f} GB left. Name a folder on another one with cache_dir of the dataset's "
                "config, or reduce the photographs, or set cache_dir=None to decode them in each step."
            )
