import errno
import io
import os
import re
import threading
import time
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from mmlle.apis import batch
from mmlle.apis.batch import BatchReport, Codec, describe_error, enhance_files, photograph_codec
from mmlle.apis.image_jobs import Failure, ImageJob, plan_jobs
from mmlle.media.image_io import encode_image, read_image
from mmlle.testing import write_images
from mmlle.utils import files

#: Arrays suffice here.
IMAGES = Codec(read_image, encode_image, lambda image: image.nbytes)
NAMES = [f"{i:02d}.png" for i in range(8)]


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    """Eight small images and where their results go."""
    monkeypatch.chdir(tmp_path)
    write_images("in", NAMES, size=(4, 5))
    return plan_jobs(["in"], "out").jobs


def brighter(image):
    return np.minimum(image, 100) * 2


def done():
    return sorted(path.name for path in Path("out").iterdir()) if Path("out").exists() else []


def reasons(report):
    return [failure.reason for failure in report.failures]


def test_results_are_those_of_one_after_the_other(jobs):
    calls = []
    report = enhance_files(jobs, brighter, IMAGES, advance=lambda: calls.append(threading.current_thread()))
    assert report == BatchReport(written=[job.result for job in jobs])
    for source, result in jobs:
        assert np.array_equal(read_image(result), brighter(read_image(source)))
    assert len(calls) == len(jobs)


def test_what_changes_on_the_way_is_said_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, mode in (("a.jpg", "CMYK"), ("b.jpg", "CMYK"), ("c.jpg", "RGB")):
        PIL.Image.new(mode, (8, 6)).save(name)
    jobs = [ImageJob(Path(name), Path(f"out/{name}")) for name in ("a.jpg", "b.jpg", "c.jpg")]
    report = enhance_files(jobs, lambda photograph: photograph, photograph_codec())
    assert len(report.written) == 3
    assert report.notes == ["a.jpg and 1 more: CMYK was converted to RGB."]


class TestExistingResults:
    @pytest.fixture(autouse=True)
    def there(self, jobs):
        Path("out").mkdir()
        Path("out/03.png").write_bytes(b"old")

    def computed(self, jobs, existing):
        """The report, and how many images were enhanced."""
        calls = []
        return enhance_files(jobs, lambda x: calls.append(0) or x, IMAGES, existing), len(calls)

    def test_it_is_not_replaced_unasked(self, jobs):
        report, computed = self.computed(jobs, "fail")
        assert Path("out/03.png").read_bytes() == b"old"
        message = "out/03.png is there already; --overwrite replaces, --skip-existing keeps it."
        assert report.failures == [Failure(Path("in/03.png"), message)]
        assert (len(report.written), computed) == (7, 7)

    def test_it_is_kept(self, jobs):
        report, computed = self.computed(jobs, "keep")
        assert Path("out/03.png").read_bytes() == b"old"
        assert (report.kept, report.failures) == ([Path("out/03.png")], [])
        assert (len(report.written), computed) == (7, 7)

    def test_it_is_replaced(self, jobs):
        report, computed = self.computed(jobs, "replace")
        assert np.array_equal(read_image("out/03.png"), read_image("in/03.png"))
        assert (len(report.written), computed) == (8, 8)

    @pytest.mark.parametrize("existing", ["fail", "keep"])
    def test_one_that_appears_during_the_run_is_not_replaced(self, jobs, existing):
        def enhance(image):
            Path("out/07.png").write_bytes(b"new")
            return image

        report = enhance_files(jobs[6:], enhance, IMAGES, existing)
        assert Path("out/07.png").read_bytes() == b"new"
        assert len(report.failures) == (existing == "fail")
        assert report.kept == ([Path("out/07.png")] if existing == "keep" else [])

    def test_a_broken_link_is_there_and_a_folder_cannot_be_replaced(self, jobs):
        Path("out/04.png").symlink_to("gone")
        Path("out/05.png").mkdir()
        report = enhance_files(jobs[3:6], brighter, IMAGES, "replace")
        assert report.written == [Path("out/03.png"), Path("out/04.png")]
        assert reasons(report) == ["out/05.png: there is a folder of this name."]
        assert not Path("gone").exists()


class TestFailures:
    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (MemoryError(), "in/03.png: there is not enough memory for it."),
            (RuntimeError("CUDA out of memory. Tried"), "in/03.png: there is not enough memory for it."),
            (OSError(errno.EIO, "Input/output error"), "in/03.png: Input/output error"),
            (
                ZeroDivisionError("a\nb"),
                r"in/03.png: ZeroDivisionError at test_batch.py:\d+: a. Please report this fault of mmlle.",
            ),
        ],
    )
    @pytest.mark.parametrize("stage", ["read", "enhance", "encode"])
    def test_an_error_of_one_image_does_not_end_the_others(self, jobs, error, reason, stage):
        def fails(image):
            if np.array_equal(image, read_image("in/03.png")):
                raise error

        def read(path):
            image = IMAGES.read(path)
            if stage == "read":
                fails(image)
            return image

        def enhance(image):
            if stage == "enhance":
                fails(image)
            return image

        def encode(image, path):
            if stage == "encode":
                fails(image)
            return IMAGES.encode(image, path)

        report = enhance_files(jobs, enhance, Codec(read, encode, IMAGES.num_bytes))
        (failure,) = report.failures
        assert failure.path == Path("in/03.png")
        reason = reason.replace("in/", "out/") if stage == "encode" else reason
        assert re.fullmatch(reason, failure.reason)
        assert done() == [name for name in NAMES if name != "03.png"]
        assert report.ended_by is None

    def test_images_that_cannot_be_read(self, jobs):
        content = Path("in/00.png").read_bytes()
        Path("in/00.png").write_bytes(content[:60])
        Path("in/01.png").write_bytes(b"")
        Path("in/02.png").write_text("text")
        Path("in/03.png").unlink()
        Path("in/04.png").unlink()
        os.mkfifo("in/04.png")
        report = enhance_files(jobs, brighter, IMAGES)
        assert [f"in/{name}" in reason for name, reason in zip(NAMES, reasons(report), strict=False)] == [
            True
        ] * 5
        assert reasons(report)[4] == "Cannot read the image in/04.png: it is not a file."
        assert done() == NAMES[5:]

    def test_an_image_too_large_for_its_format(self, jobs):
        wide = np.zeros((1, 70000, 3), np.uint8)
        Path("x").mkdir()
        report = enhance_files(
            [job._replace(result=job.result.with_suffix(".jpg")) for job in jobs[:1]] + jobs[1:],
            lambda image: wide if np.array_equal(image, read_image("in/00.png")) else image,
            IMAGES,
        )
        (reason,) = reasons(report)
        assert reason.startswith("Cannot write out/00.jpg: 1x70000 px")
        assert done() == NAMES[1:]

    def test_a_full_disk_ends_the_run(self, jobs, monkeypatch):
        monkeypatch.setattr(batch, "MAX_WAITING_IMAGES", 1)

        class FullDisk(io.FileIO):
            def write(self, content):
                raise OSError(errno.ENOSPC, "No space left on device")

        def enhance(image):
            if np.array_equal(image, read_image("in/01.png")):
                monkeypatch.setattr(files, "open", FullDisk, raising=False)
            return image

        report = enhance_files(jobs, enhance, IMAGES)
        assert report.ended_by == "No space left on device"
        assert len(report.failures) == 1
        assert reasons(report)[0] in {f"out/0{i}.png: No space left on device" for i in (0, 1)}
        assert len(report.written) + len(report.failures) + len(report.not_done) == 8
        assert len(report.not_done) >= 6
        assert [path for path in Path("out").iterdir() if path.suffix != ".png"] == []

    def test_an_interrupt_ends_it(self, jobs):
        def enhance(image):
            if np.array_equal(image, read_image("in/03.png")):
                raise KeyboardInterrupt
            return image

        report = enhance_files(jobs, enhance, IMAGES)
        assert report.ended_by == "interrupt"
        assert report.failures == []
        assert report.not_done[-5:] == [Path("in", name) for name in NAMES[3:]]
        assert len(report.written) + len(report.not_done) == 8
        assert sorted(path.name for path in report.written) == done()


class TestMemory:
    def most_images(self, jobs, size):
        """How many images were decoded and not yet written, at most."""
        alive, most, lock = 0, 0, threading.Lock()

        def read(path):
            nonlocal alive, most
            with lock:
                alive += 1
                most = max(most, alive)
            return IMAGES.read(path)

        def encode(image, path):
            nonlocal alive
            time.sleep(0.01)
            content = IMAGES.encode(image, path)
            with lock:
                alive -= 1
            return content

        more = [job._replace(result=Path("out", f"{i}.png")) for i, job in enumerate(jobs * 3)]
        report = enhance_files(more, brighter, Codec(read, encode, lambda image: size), "replace")
        assert len(report.written) == 24
        return most

    def test_a_few_images_wait(self, jobs, monkeypatch):
        monkeypatch.setattr(batch, "MAX_WAITING_IMAGES", 2)
        # Two in each queue, and one in the hands of each of the three threads.
        assert 4 <= self.most_images(jobs, 1) <= 7

    def test_of_large_ones_one(self, jobs):
        assert 2 <= self.most_images(jobs, batch.MAX_WAITING_BYTES) <= 5


def test_reading_computing_and_writing_overlap(jobs):
    def wait(value):
        time.sleep(0.02)
        return value

    codec = Codec(
        lambda path: wait(IMAGES.read(path)), lambda i, path: wait(IMAGES.encode(i, path)), IMAGES.num_bytes
    )
    begin = time.perf_counter()
    enhance_files(jobs, wait, codec)
    assert time.perf_counter() - begin < 0.02 * len(jobs) * 2  # one after the other: 3


class TestDescribeError:
    def test_a_name_with_a_line_break_is_one_line(self):
        path = Path("a\nb.png")
        assert describe_error(path, OSError(5, "Input/output error")) == r"a\nb.png: Input/output error"
