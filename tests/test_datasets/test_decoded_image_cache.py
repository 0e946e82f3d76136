import errno
import multiprocessing
import os
import shutil
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from mmlle.datasets import DecodedImageCache
from mmlle.media.color import mean_luma
from mmlle.media.image_io import UnreadableImageError, read_image, write_image
from mmlle.testing import dark_image, write_images
from mmlle.utils.errors import UserError


@pytest.fixture
def photos(tmp_path):
    folder = write_images(tmp_path / "photos", ["a.png", "b/a.png", "c.jpg"], size=(24, 31))
    return [str(folder / name) for name in ("a.png", "b/a.png", "c.jpg")]


def entries(cache):
    return sorted(path.name for path in cache.folder.glob("*.npy"))


def test_images_come_out_as_they_are_decoded(tmp_path, photos):
    cache = DecodedImageCache(tmp_path / "cache")
    cache.build(photos)
    assert len(entries(cache)) == 3
    for path in photos:
        assert np.array_equal(cache.read(path), read_image(path))
        assert isinstance(cache.read(path), np.memmap)
        assert cache.mean_luma(path) == mean_luma(read_image(path))


def test_what_is_there_is_not_decoded_again(tmp_path, photos, monkeypatch):
    cache = DecodedImageCache(tmp_path / "cache")
    cache.build(photos)
    monkeypatch.setattr("mmlle.datasets.decoded_image_cache.read_image", None)
    cache.build(photos)
    DecodedImageCache(tmp_path / "cache").read(photos[0])


def test_an_image_that_was_not_built_is_decoded_when_it_is_read(tmp_path, photos):
    cache = DecodedImageCache(tmp_path / "cache")
    cache.build(photos[:1])
    assert np.array_equal(cache.read(photos[1]), read_image(photos[1]))
    assert len(entries(cache)) == 2


def test_a_changed_image_gets_a_new_entry_and_the_old_one_goes(tmp_path, photos):
    cache = DecodedImageCache(tmp_path / "cache")
    cache.build(photos)
    before, mapped = entries(cache), cache.read(photos[0])
    was = mapped.copy()
    write_image(photos[0], dark_image(40, 20, seed=9))
    cache.build(photos)
    assert cache.read(photos[0]).shape == (40, 20, 3)
    assert np.array_equal(cache.read(photos[0]), read_image(photos[0]))
    assert len(entries(cache)) == 3
    assert len(set(entries(cache)) & set(before)) == 2
    assert np.array_equal(mapped, was)  # whoever still reads the old one may go on


def test_a_change_within_the_same_second_and_of_the_same_length_is_noticed(tmp_path):
    path = str(tmp_path / "a.bmp")
    cache = DecodedImageCache(tmp_path / "cache")
    for seed in (0, 1):
        write_image(path, dark_image(8, 8, seed))
        os.utime(path, ns=(10**18 + seed, 10**18 + seed))
        assert np.array_equal(cache.read(path), read_image(path))


def test_changing_what_was_read_changes_nothing_else(tmp_path, photos):
    cache = DecodedImageCache(tmp_path / "cache")
    cache.read(photos[0])[:] = 255
    assert np.array_equal(cache.read(photos[0]), read_image(photos[0]))


def test_an_unreadable_image_is_left_out_of_building_and_an_error_in_reading(tmp_path, photos):
    cache = DecodedImageCache(tmp_path / "cache")
    broken, missing = str(tmp_path / "broken.png"), str(tmp_path / "missing.png")
    content = Path(photos[0]).read_bytes()
    Path(broken).write_bytes(content[: len(content) // 2])
    cache.build([photos[1], broken, missing])
    assert len(entries(cache)) == 1
    for path in (broken, missing):
        with pytest.raises(UnreadableImageError, match=Path(path).name):
            cache.read(path)


def test_a_full_disk_is_told_before_it_is_filled(tmp_path, photos, monkeypatch):
    usage = namedtuple("Usage", "total used free")(10**9, 10**9 - 1000, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    cache = DecodedImageCache(tmp_path / "cache")
    with pytest.raises(UserError, match=r"3 decoded images take 0.0 GB.*cache_dir=None"):
        cache.build(photos)
    assert not entries(cache)


def test_storage_without_locks(tmp_path, photos, monkeypatch):
    def fail(self):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(FileLock, "acquire", fail)
    cache = DecodedImageCache(tmp_path / "cache")
    cache.build(photos)
    assert len(entries(cache)) == len(photos)


def build_and_read(folder, paths, barrier, sums):
    barrier.wait()
    cache = DecodedImageCache(folder)
    cache.build(paths)
    sums.put([int(cache.read(path).sum()) for path in paths])


def read_only(folder, paths, barrier, sums):
    barrier.wait()
    cache = DecodedImageCache(folder)
    sums.put([int(cache.read(path).sum()) for path in paths])


@pytest.mark.parametrize("work", [build_and_read, read_only])
def test_processes_that_begin_at_once_do_each_other_no_harm(tmp_path, work):
    folder = write_images(tmp_path / "photos", [f"{i}.png" for i in range(20)], size=(64, 64))
    paths = [str(folder / f"{i}.png") for i in range(20)]
    context = multiprocessing.get_context("fork")
    barrier, sums = context.Barrier(4), context.Queue()
    workers = [
        context.Process(target=work, args=(tmp_path / "cache", paths, barrier, sums)) for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    results = [sums.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()
    assert results == [[int(read_image(path).sum()) for path in paths]] * 4
    files = os.listdir(tmp_path / "cache")
    assert sum(name.endswith(".npy") for name in files) == 20
    # Nothing half written is left behind.
    assert {Path(name).suffix for name in files} <= {".npy", ".luma", ""}
