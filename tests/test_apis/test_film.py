import errno
import os
import threading
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("av")

from mmlle.apis.film import enhance_film, enhance_films, partial_path
from mmlle.apis.image_jobs import ImageJob
from mmlle.media.film_file import UnreadableFilmError, UnwritableFilmError
from mmlle.media.film_writing import FilmWriter
from mmlle.testing import read_film, write_film


def pictures(count, height=48, width=64):
    for index in range(count):
        yield np.full((height, width, 3), 0.1 + index / 500, np.float32)


def brighter(rgb, time):
    return np.minimum(2 * rgb, 1)


class Counter:
    def __init__(self):
        self.films = []
        self.count = 0

    def begin(self, name, total):
        self.films.append((name, total))

    def advance(self):
        self.count += 1


def test_a_film(tmp_path):
    source = write_film(tmp_path / "x.mp4", pictures(30), sound=True)
    calls, progress = [], Counter()

    def enhance(rgb, time):
        calls.append((threading.current_thread(), time))
        return brighter(rgb, time)

    report = enhance_film(source, tmp_path / "new/y.mp4", enhance, progress=progress)
    assert (report.num_frames, report.notes, report.complete) == (30, [], True)
    assert [time for _, time in calls] == pytest.approx([i / 25 for i in range(30)])
    assert {thread for thread, _ in calls} == {threading.current_thread()}
    assert (progress.films, progress.count) == ([(str(source), 30)], 30)
    before, after = read_film(source), read_film(report.path)
    assert before[0] == after[0]
    means = np.array([[image.mean() for image in images] for images in (before[1], after[1])])
    assert np.abs(means[1] - 2 * means[0]).max() < 3
    assert sorted(os.listdir(tmp_path / "new")) == ["y.mp4"]


def test_few_pictures_are_in_memory(tmp_path):
    source = write_film(tmp_path / "x.mkv", pictures(60, 480, 640))
    alive, most = 0, 0

    class Picture(np.ndarray):
        def __del__(self):
            nonlocal alive
            alive -= 1

    def enhance(rgb, time):
        nonlocal alive, most
        alive += 1
        most = max(most, alive)
        return (rgb * 1).view(Picture)

    enhance_film(source, tmp_path / "y.mkv", enhance)
    assert most <= 8


def test_a_film_that_cannot_be_read_or_written_leaves_nothing(tmp_path):
    source = write_film(tmp_path / "x.mp4", pictures(3))
    with pytest.raises(UnwritableFilmError, match="'.gif' is not a film format"):
        enhance_film(source, tmp_path / "y.gif", brighter)
    (tmp_path / "z.mp4").write_bytes(b"text")
    with pytest.raises(UnreadableFilmError):
        enhance_film(tmp_path / "z.mp4", tmp_path / "y.mp4", brighter)
    with pytest.raises(FileExistsError):
        enhance_film(source, tmp_path / "z.mp4", brighter)

    def fail(rgb, time):
        if time > 0.03:
            raise MemoryError
        return rgb

    with pytest.raises(MemoryError):
        enhance_film(source, tmp_path / "y.mp4", fail)
    assert sorted(os.listdir(tmp_path)) == ["x.mp4", "z.mp4"]
    enhance_film(source, tmp_path / "z.mp4", brighter, replace=True)
    assert len(read_film(tmp_path / "z.mp4")[0]) == 3


def interrupt_at(number):
    def enhance(rgb, time):
        if time >= number / 25:
            raise KeyboardInterrupt
        return brighter(rgb, time)

    return enhance


@pytest.mark.parametrize("name", ["x.mp4", "x.webm"])
def test_ctrl_c_leaves_a_film_that_is_called_partial(tmp_path, name):
    codec = "libvpx-vp9" if name == "x.webm" else "libx264"
    source = write_film(tmp_path / name, pictures(40), codec=codec, sound=True)
    path = tmp_path / "out" / name
    report = enhance_film(source, path, interrupt_at(20))
    assert not report.complete
    assert partial_path(path).name == f"x.partial1{path.suffix}"  # what is there stays
    assert report.path == path.with_name(f"{path.stem}.partial{path.suffix}")
    assert os.listdir(tmp_path / "out") == [f"x.partial{path.suffix}"]
    assert len(read_film(report.path)[0]) == report.num_frames == 20


def test_ctrl_c_before_the_first_picture_leaves_nothing(tmp_path):
    source = write_film(tmp_path / "x.mp4", pictures(4))
    report = enhance_film(source, tmp_path / "y.mp4", interrupt_at(0))
    assert (report.complete, report.num_frames) == (False, 0)
    assert os.listdir(tmp_path) == ["x.mp4"]


@pytest.mark.parametrize("name", ["x.mkv", "x.mp4"])
def test_a_source_that_is_cut_short_is_enhanced_as_far_as_it_goes(tmp_path, name, monkeypatch):
    source = write_film(tmp_path / "x.mkv", pictures(50))
    content = source.read_bytes()
    source.write_bytes(content[: len(content) // 2])
    report = enhance_film(source, tmp_path / f"out_{name}", brighter)
    assert report.complete
    assert 5 < report.num_frames < 45
    assert len(read_film(report.path)[0]) == report.num_frames
    assert len(report.notes) == 1
    assert "x.mkv: it is cut short after" in report.notes[0]


class TestEnhanceFilms:
    @pytest.fixture
    def jobs(self, tmp_path):
        jobs = []
        for name in ("a.mp4", "b.mp4", "c.mp4"):
            jobs.append(ImageJob(write_film(tmp_path / name, pictures(4)), tmp_path / "out" / name))
        jobs[1].source.write_bytes(b"text")
        return jobs

    def test_a_failure_is_that_of_one_film(self, jobs):
        looks = []
        report = enhance_films(jobs, lambda: looks.append(1) or brighter)
        assert report.written == [jobs[0].result, jobs[2].result]
        assert [failure.path for failure in report.failures] == [jobs[1].source]
        assert report.failures[0].reason.startswith(f"Cannot read the film {jobs[1].source}: ")
        assert len(looks) == 3  # nothing of one film's look goes to the next

    def test_what_is_there_stays_or_fails_or_is_replaced(self, jobs):
        jobs[0].result.parent.mkdir()
        jobs[0].result.write_bytes(b"old")
        report = enhance_films(jobs[:1], lambda: brighter)
        assert "is there already; --overwrite replaces" in report.failures[0].reason
        report = enhance_films(jobs[:1], lambda: brighter, existing="keep")
        assert (report.kept, report.written, jobs[0].result.read_bytes()) == ([jobs[0].result], [], b"old")
        assert enhance_films(jobs[:1], lambda: brighter, existing="replace").written == [jobs[0].result]
        assert len(read_film(jobs[0].result)[0]) == 4

    def test_ctrl_c_ends_the_run(self, jobs, tmp_path):
        report = enhance_films(jobs, lambda: interrupt_at(2))
        assert report.ended_by == "interrupt"
        assert report.not_done == [job.source for job in jobs]
        assert report.notes == [f"The first 2 pictures are in {tmp_path / 'out/a.partial.mp4'}."]

    def test_a_full_disk_ends_the_run(self, jobs, monkeypatch):
        def full(self, part, rgb=None):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(FilmWriter, "write", full)
        report = enhance_films(jobs, lambda: brighter)
        assert report.ended_by == "No space left on device"
        assert report.failures[0].reason == f"{jobs[0].result}: No space left on device"
        assert report.not_done == [job.source for job in jobs[1:]]
        assert os.listdir(jobs[0].result.parent) == []

    def test_a_fault_of_the_code_is_one_line(self, jobs):
        report = enhance_films(jobs[:1], lambda: SimpleNamespace().gone)
        assert "AttributeError" in report.failures[0].reason
        assert "\n" not in report.failures[0].reason
