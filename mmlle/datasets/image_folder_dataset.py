import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from mmlle.media.image_io import IMAGE_SUFFIXES, list_images
from mmlle.utils.errors import UserError

from .seeded_dataset import SeededDataset

__all__ = ["ImageFolderDataset", "MissingDataError"]


class MissingDataError(UserError, FileNotFoundError):
    """Images that a data set should have and lacks."""


class ImageFolderDataset(SeededDataset):
    """Base of the datasets that are folders of images, without annotation files.

    Every image below a folder counts, in sub-folders too, in the order of their names. Besides ``prepare``,
    the arguments are those of mmengine's BaseDataset.

    Args:
        data_root: Folder that the prefixes are relative to.
        data_prefix: Folders by the name of what they hold; None for one that is not used. The class says
            which names there are, and their defaults.
        pipeline: Transforms.
        indices: Which samples to take: so many of the first, or of the last if negative, or those of a list
            of indices; None for all.
        test_mode: Whether an image that cannot be used is an error (testing) or replaced (training), and
            random draws are the same in each pass.
        max_refetch: How many other samples are tried in its place.
        exclude: Folders below those of ``data_prefix`` whose images are left out, such as scenes that are
            held out for validation.
        prepare: The command that makes the data, for the message when it is missing.
        lazy_init: Whether to look at the folders only when the first sample is asked for.
        metainfo: Additions to the class's ``METAINFO``.
        filter_cfg: Settings of ``filter_data``, for subclasses that define it.
        serialize_data: Whether the list of samples is kept in a form that workers share.

    Raises:
        MissingDataError: If a folder is missing or holds no image.
        UserError: If ``data_prefix`` has other names than the class.
    """

    #: The names in ``data_prefix`` and their default folders.
    PREFIXES: dict[str, str | None] = dict(img="")

    #: What a folder should hold, for the message when it does not.
    LAYOUT = "images"

    def __init__(
        self,
        data_root: str | Path = "",
        data_prefix: dict[str, str | None] | None = None,
        pipeline: Sequence[dict | Callable] | None = None,
        indices: int | Sequence[int] | None = None,
        test_mode: bool = False,
        max_refetch: int = 100,
        exclude: Sequence[str] = (),
        prepare: str | None = None,
        lazy_init: bool = False,
        metainfo: dict | None = None,
        filter_cfg: dict | None = None,
        serialize_data: bool = True,
    ) -> None:
        self.exclude = frozenset(exclude)
        self.prepare = prepare
        unknown = [name for name in data_prefix or {} if name not in self.PREFIXES]
        if unknown:
            raise UserError(
                f"data_prefix names {', '.join(unknown)}; {type(self).__name__} has "
                f"{', '.join(self.PREFIXES)}."
            )
        prefixes = {**self.PREFIXES, **(data_prefix or {})}
        super().__init__(
            metainfo=metainfo,
            data_root=str(data_root),
            data_prefix={name: str(folder) for name, folder in prefixes.items() if folder is not None},
            filter_cfg=filter_cfg,
            indices=indices,
            serialize_data=serialize_data,
            pipeline=pipeline or [],
            test_mode=test_mode,
            lazy_init=lazy_init,
            max_refetch=max_refetch,
        )

    def _find(self, prefix: str) -> list[str]:
        """Paths of a folder's images, relative to it."""
        folder = self.data_prefix[prefix]
        found = list_images(folder)
        if not found:
            raise self._missing(prefix, "holds no image" if os.path.isdir(folder) else "does not exist")
        kept = [path for path in found if os.path.dirname(path) not in self.exclude]
        if not kept:
            raise self._missing(prefix, "holds no image that is not excluded")
        return kept

    def _samples(self, prefix: str) -> list[dict]:
        """A sample with ``key`` and ``{prefix}_path`` for each image of a folder."""
        found = self._find(prefix)
        stems = Counter(map(stem, found))
        # Of a.jpg and a.png, neither may hide the other's result.
        return [
            {
                "key": stem(path) if stems[stem(path)] == 1 else path,
                f"{prefix}_path": os.path.join(self.data_prefix[prefix], path),
            }
            for path in found
        ]

    def _missing(self, prefix: str, wrong: str) -> MissingDataError:
        remedy = f"Make it with `{self.prepare}`" if self.prepare else "Put them there"
        return MissingDataError(
            f"The folder {Path(self.data_prefix[prefix])} ({prefix!r} of {type(self).__name__}, looked for "
            f"from {Path.cwd()}) {wrong}. It should hold {self.LAYOUT}; images end in "
            f"{' '.join(IMAGE_SUFFIXES)}. {remedy}, or name another folder with data_root and data_prefix "
            "of the dataset's config."
        )


def stem(path: str) -> str:
    """Give a path without the ending of its file name."""
    return os.path.splitext(path)[0]
