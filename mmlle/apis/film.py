"""Films: reading, enhancing and writing overlap, picture by picture, in constant memory."""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol

import numpy as np

from mmlle.media.film_file import FILM_FORMATS, UnwritableFilmError
from mmlle.media.film_reading import FilmPart, FilmReader
from mmlle.media.film_writing import FilmWriter, check_film_quality
from mmlle.utils.errors import one_line
from mmlle.utils.files import UnfinishedFile, unfinished_file

from .batch import (
    HOPELESS_ERRORS,
    BatchReport,
    Existing,
    already_there,
    check_regular,
    describe_error,
    is_there_already,
)
from .image_jobs import Failure, ImageJob
from .work_queue import WorkQueue

__all__ = ["FilmReport", "Progress", "enhance_film", "enhance_films", "partial_path"]

#: Enhances the next picture of a film, (H, W, 3) float32, RGB in [0, 1], shown at a time in seconds.
EnhancePicture = Callable[[np.ndarray, float], np.ndarray]

#: How many pictures wait for the computing, and as many for the writing, and their bytes.
MAX_WAITING_PICTURES = 4
MAX_WAITING_BYTES = 2**27


@dataclass
class FilmReport:
    """What became of a film.

    Attributes:
        path: The result.
        num_frames: How many pictures are in it.
        notes: What is not as in the source, and what was missing there.
        complete: Whether it goes to the end; else the user interrupted it, and it is at
            :func:`partial_path`, or nowhere if it had not begun.
    """

    path: Path
    num_frames: int = 0
    notes: list[str] = field(default_factory=list)
    complete: bool = True


class Progress(Protocol):
    """What is told how far films are; the writing thread calls :meth:`advance`."""

    def begin(self, name: str, total: int | None) -> None:
        """Begin a film of about so many pictures, if that is known."""

    def advance(self) -> None:
        """Count a picture that was written."""


def enhance_films(
    jobs: Sequence[ImageJob],
    new_look: Callable[[], EnhancePicture],
    quality: int | None = None,
    existing: Existing = "fail",
    progress: Progress | None = None,
) -> BatchReport:
    """Enhance films one after the other, see :func:`enhance_film`.

    Args:
        jobs: Films and the files of their results.
        new_look: Makes what enhances the pictures of one film.
        quality: 1 to 100; None for 65.
        existing: What becomes of results that are there already.
        progress: Told how far each is.

    Returns:
        What became of each job. A film's failure is not the others'; a full disk and Ctrl-C end the run.
    """
    report = BatchReport()
    for index, job in enumerate(jobs):
        there = is_there_already(job, existing)
        if there is not None:
            report.settle(job, there)
            continue
        try:
            check_regular(job.source)
            done = enhance_film(job.source, job.result, new_look(), quality, existing == "replace", progress)
        except KeyboardInterrupt:
            report.ended_by = "interrupt"
        except FileExistsError:
            report.failures.append(already_there(job))
        except Exception as error:
            path = job.result if isinstance(error, OSError) else job.source
            report.failures.append(Failure(job.source, describe_error(path, error)))
            if isinstance(error, OSError) and error.errno in HOPELESS_ERRORS:
                report.ended_by = error.strerror or str(error)
                report.not_done += [each.source for each in jobs[index + 1 :]]
                break
        else:
            report.notes += done.notes
            if done.complete:
                report.written.append(job.result)
            else:
                report.ended_by = "interrupt"
                if done.num_frames:
                    report.notes.append(f"The first {done.num_frames} pictures are in {done.path}.")
        if report.ended_by == "interrupt":
            report.not_done += [each.source for each in jobs[index:]]
            break
    return report


def partial_path(path: Path) -> Path:
    """Where the beginning of a film comes that is interrupted: ``film.partial.mp4``, or one that is free."""
    names = (f"{path.stem}.partial{number or ''}{path.suffix}" for number in count())
    return next(found for found in map(path.with_name, names) if not os.path.lexists(found))


def enhance_film(
    source: str | Path,
    path: str | Path,
    enhance: EnhancePicture,
    quality: int | None = None,
    replace: bool = False,
    progress: "Progress | None" = None,
) -> FilmReport:
    """Enhance a film; sound, subtitles and everything else are copied.

    One thread decodes, this one enhances, and a third one encodes.

    Args:
        source: Film.
        path: Of the result. It appears when it is complete. Ctrl-C (KeyboardInterrupt) finishes what has
            been enhanced, under :func:`partial_path`; a second one leaves nothing.
        enhance: Enhances the next picture; such as a :class:`mmlle.look.FilmLook`.
        quality: 1 to 100; None for 65.
        replace: Whether a file at ``path`` is replaced.
        progress: Told how far it is.

    Raises:
        UnreadableFilmError: If the film cannot be read.
        UnwritableFilmError: If it cannot be written.
        FileExistsError: If the result is there already.
        OSError: If the disk is full, and the like.
    """
    path = Path(path)
    if path.suffix.lower() not in FILM_FORMATS:
        raise UnwritableFilmError(
            f"Cannot write {path}: {path.suffix!r} is not a film format; use one of "
            f"{', '.join(FILM_FORMATS)}."
        )
    quality = check_film_quality(quality)
    if os.path.lexists(path) and not replace:
        raise FileExistsError(f"{path} is there already.")
    with FilmReader(source) as reader, unfinished_file(path.parent) as new:
        writer = FilmWriter(new.stream, path, reader, quality)
        if progress is not None:
            progress.begin(str(source), reader.num_frames)
        run = _Run(reader, writer, enhance, progress.advance if progress is not None else lambda: None)
        run.run()
        return _finish(run, new, path, replace)


def _finish(run: "_Run", new: UnfinishedFile, path: Path, replace: bool) -> FilmReport:
    run.writer.close()
    source = run.reader.path
    notes = [one_line(f"{source}: {note}.") for note in run.writer.notes]
    report = FilmReport(path, run.num_written, notes, complete=not run.interrupted)
    if run.interrupted:
        if run.num_written:
            report.path = partial_path(path)
            new.finish(report.path, replace=False)
        return report
    missing = run.reader.missing
    if missing:
        report.notes.append(one_line(f"{source}: {missing}; what is left was enhanced."))
    new.finish(path, replace=replace)
    return report


@dataclass
class _Item:
    part: FilmPart
    rgb: np.ndarray | None


class _Run:
    def __init__(
        self,
        reader: FilmReader,
        writer: FilmWriter,
        enhance: EnhancePicture,
        advance: Callable[[], object],
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.enhance = enhance
        self.advance = advance
        self.interrupted = False
        self.num_written = 0
        self._errors: list[BaseException] = []
        self._decoded: WorkQueue[_Item] = WorkQueue(MAX_WAITING_PICTURES, MAX_WAITING_BYTES)
        self._enhanced: WorkQueue[_Item] = WorkQueue(MAX_WAITING_PICTURES, MAX_WAITING_BYTES)

    def run(self) -> None:
        """Do all; raise the error of any of the threads."""
        threads = [
            threading.Thread(target=self._guard, args=(work,), name=work.__name__)
            for work in (self._read_all, self._write_all)
        ]
        for thread in threads:
            thread.start()
        try:
            self._enhance_all()
            self._enhanced.end()
            for thread in threads:
                thread.join()
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            # What has been enhanced is still written.
            self._decoded.discard()
            self._enhanced.end()
            for thread in threads:
                thread.join()
        if self._errors:
            raise self._errors[0]

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self._errors.append(error)
            self._decoded.discard()
            self._enhanced.discard()

    def _read_all(self) -> None:
        try:
            for part in self.reader:
                rgb = None if part.frame is None else self.writer.to_rgb(part.frame)
                if not self._decoded.put(_Item(part, rgb), 0 if rgb is None else rgb.nbytes):
                    return
        finally:
            self._decoded.end()

    def _enhance_all(self) -> None:
        while (item := self._decoded.get()) is not None:
            rgb = item.rgb
            if rgb is not None and item.part.frame is not None:
                result = self.enhance(rgb, item.part.frame.time or 0.0)
                # A picture that is not changed is encoded as it was decoded.
                item.rgb = None if result is rgb else result
                del result
            self._enhanced.put(item, 0 if rgb is None else rgb.nbytes)
            del item, rgb

    def _write_all(self) -> None:
        while (item := self._enhanced.get()) is not None:
            self.writer.write(item.part, item.rgb)
            if item.part.frame is not None:
                self.num_written += 1
                self.advance()
            del item
