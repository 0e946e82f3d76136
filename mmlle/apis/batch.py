"""Many image files: reading, computing and writing overlap, and one image's failure is not the others'."""

import errno
import io
import os
import stat
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Generic, Literal, TypeVar

from mmlle.media.film_file import is_film
from mmlle.media.photograph import Photograph
from mmlle.media.photograph_reading import read_photograph
from mmlle.media.photograph_writing import (
    check_quality,
    has_quality,
    lost_properties,
    suffix_of,
    write_photograph,
)
from mmlle.utils.errors import UserError, is_out_of_memory, one_line
from mmlle.utils.files import write_bytes

from .image_jobs import Failure, ImageJob, describe_os_error
from .work_queue import WorkQueue

__all__ = [
    "HOPELESS_ERRORS",
    "BatchReport",
    "Codec",
    "Existing",
    "all_there",
    "already_there",
    "check_regular",
    "describe_error",
    "enhance_files",
    "is_there_already",
    "photograph_codec",
]

Picture = TypeVar("Picture")

#: What becomes of a result that is there already: it fails its image, it stays, or it is replaced.
Existing = Literal["fail", "keep", "replace"]

#: What became of a job that was done, or of which the result was there already.
Outcome = Failure | Literal["written", "kept"]

#: How many images wait for the computing, and as many for the writing, and how many bytes they have in all.
MAX_WAITING_IMAGES = 4
MAX_WAITING_BYTES = 2**28

#: Errors of a write after which no other write would do better.
HOPELESS_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


@dataclass(frozen=True)
class Codec(Generic[Picture]):
    """How image files are read and written.

    Attributes:
        read: Decodes a file, or what is in one.
        encode: Encodes a result by the ending of the path that it is for; None for the format of its source.
        num_bytes: Tells how much memory a decoded image takes.
        notes: Tells what of an image changes on the way to the path of its result, a few words for each;
            None for the format of its source.
    """

    read: Callable[[Path | BinaryIO], Picture]
    encode: Callable[[Picture, Path | None], bytes]
    num_bytes: Callable[[Picture], int]
    notes: Callable[[Picture, Path | None], Sequence[str]] = lambda picture, path: ()


def photograph_codec(quality: int | None = None) -> Codec[Photograph]:
    """Read and write photographs with all their properties.

    Args:
        quality: See :func:`mmlle.media.photograph_writing.encode_photograph`.

    Raises:
        UserError: If the quality is not 1 to 100.
    """
    check_quality(quality)

    def encode(photograph: Photograph, path: Path | None) -> bytes:
        stream = io.BytesIO()
        stream.name = "standard output" if path is None else str(path)
        write_photograph(stream, photograph, quality, None if path is None else path.suffix)
        return stream.getvalue()

    def notes(photograph: Photograph, path: Path | None) -> Sequence[str]:
        suffix = suffix_of(photograph.format) if path is None else path.suffix
        unused = [] if quality is None or has_quality(suffix) else [f"{suffix} has no quality"]
        return [*photograph.notes, *lost_properties(photograph, suffix), *unused]

    return Codec(read_photograph, encode, lambda photograph: photograph.pixels.nbytes, notes)


@dataclass
class BatchReport:
    """What became of some jobs.

    Attributes:
        written: Results that were written.
        kept: Results that were there already.
        failures: What could not be done.
        not_done: Images that were not done because the run ended early.
        ended_by: Why it did: ``'interrupt'``, or the system's words for what all further writes would meet.
        notes: What the user should know of results that were written.
    """

    written: list[Path] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    not_done: list[Path] = field(default_factory=list)
    ended_by: str | None = None
    notes: list[str] = field(default_factory=list)

    def settle(self, job: ImageJob, outcome: Outcome) -> None:
        """Add what became of a job."""
        if isinstance(outcome, Failure):
            self.failures.append(outcome)
        else:
            (self.written if outcome == "written" else self.kept).append(job.result)

    def merge(self, other: "BatchReport") -> None:
        """Add what became of other jobs."""
        self.written += other.written
        self.kept += other.kept
        self.failures += other.failures
        self.not_done += other.not_done
        self.ended_by = self.ended_by or other.ended_by
        self.notes += other.notes


def enhance_files(
    jobs: Sequence[ImageJob],
    enhance: Callable[[Picture], Picture],
    codec: Codec[Picture],
    existing: Existing = "fail",
    advance: Callable[[], object] = lambda: None,
) -> BatchReport:
    """Enhance image files; each result is written as a whole or not at all.

    While an image is enhanced in this thread, a second one reads ahead and a third one writes.

    Args:
        jobs: Images and the files of their results.
        enhance: Enhances a decoded image.
        codec: Reads and encodes.
        existing: What becomes of results that are there already.
        advance: Called after each image, from any of the threads, one at a time.

    Returns:
        What became of each job. An error of one image, whatever its kind, is a failure of that image. A full
        disk and the interrupt of the user (Ctrl-C) end the run; what is being written then is finished.
    """
    batch = _Batch(jobs, enhance, codec, existing, advance)
    batch.run()
    return batch.report()


class _Batch(Generic[Picture]):
    def __init__(
        self,
        jobs: Sequence[ImageJob],
        enhance: Callable[[Picture], Picture],
        codec: Codec[Picture],
        existing: Existing,
        advance: Callable[[], object],
    ) -> None:
        self.jobs = jobs
        self.enhance = enhance
        self.codec = codec
        self.existing = existing
        self.advance = advance
        self.decoded: WorkQueue[tuple[ImageJob, Picture]] = WorkQueue(MAX_WAITING_IMAGES, MAX_WAITING_BYTES)
        self.enhanced: WorkQueue[tuple[ImageJob, Picture]] = WorkQueue(MAX_WAITING_IMAGES, MAX_WAITING_BYTES)
        self.outcomes: dict[ImageJob, Outcome] = {}
        self.notes: dict[str, list[Path]] = {}
        self.ended_by: str | None = None
        self.lock = threading.Lock()

    def run(self) -> None:
        # The reader is not waited for at the end of the process: decoding may take long, and leaves no trace.
        threading.Thread(target=self.read_all, name="reader", daemon=True).start()
        writer = threading.Thread(target=self.write_all, name="writer")
        writer.start()
        try:
            self.enhance_all()
            self.enhanced.end()
            writer.join()
        except KeyboardInterrupt:
            self.ended_by = "interrupt"
        finally:
            self.decoded.discard()
            self.enhanced.discard()
            writer.join()

    def read_all(self) -> None:
        try:
            for job in self.jobs:
                there = is_there_already(job, self.existing)
                if there is not None:
                    self.settle(job, there)
                    continue
                try:
                    check_regular(job.source)
                    picture = self.codec.read(job.source)
                    size = self.codec.num_bytes(picture)
                except Exception as error:
                    self.fail(job, job.source, error)
                    continue
                if not self.decoded.put((job, picture), size):
                    return
                del picture
        finally:
            self.decoded.end()

    def enhance_all(self) -> None:
        while (item := self.decoded.get()) is not None:
            job, picture = item
            try:
                picture = self.enhance(picture)
                size = self.codec.num_bytes(picture)
            except Exception as error:
                self.fail(job, job.source, error)
            else:
                self.enhanced.put((job, picture), size)
            del item, picture

    def write_all(self) -> None:
        try:
            while (item := self.enhanced.get()) is not None:
                job, picture = item
                try:
                    content = self.codec.encode(picture, job.result)
                    write_bytes(job.result, content, replace=self.existing == "replace")
                except Exception as error:
                    if isinstance(error, FileExistsError) and job.result.is_file():
                        self.settle(job, "kept" if self.existing == "keep" else already_there(job))
                        continue
                    self.fail(job, job.result, error)
                    if isinstance(error, OSError) and error.errno in HOPELESS_ERRORS:
                        self.ended_by = error.strerror or str(error)
                        return
                else:
                    for note in self.codec.notes(picture, job.result):
                        self.notes.setdefault(note, []).append(job.source)
                    self.settle(job, "written")
                del item, picture
        finally:
            self.decoded.discard()
            self.enhanced.discard()

    def fail(self, job: ImageJob, path: Path, error: Exception) -> None:
        self.settle(job, Failure(job.source, describe_error(path, error)))

    def settle(self, job: ImageJob, outcome: Outcome) -> None:
        with self.lock:
            self.outcomes[job] = outcome
            self.advance()

    def report(self) -> BatchReport:
        report = BatchReport(ended_by=self.ended_by)
        with self.lock:
            outcomes = dict(self.outcomes)
        for job in self.jobs:
            outcome = outcomes.get(job)
            if outcome is None:
                report.not_done.append(job.source)
            else:
                report.settle(job, outcome)
        for note, (first, *others) in self.notes.items():
            more = f" and {len(others)} more" if others else ""
            report.notes.append(one_line(f"{first}{more}: {note}."))
        return report


def check_regular(path: Path) -> None:
    """Refuse pipes and devices, which could be waited for without end.

    Raises:
        UserError: If it is neither a file nor absent.
    """
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return  # what reads it says why it cannot
    if not regular:
        raise UserError(f"Cannot read the {'film' if is_film(path) else 'image'} {path}: it is not a file.")


def is_there_already(job: ImageJob, existing: Existing) -> Failure | Literal["kept"] | None:
    """Tell what becomes of a job whose result is there already; None if there is something to do."""
    if not os.path.lexists(job.result):
        return None
    if job.result.is_dir():
        return Failure(job.source, f"{job.result}: there is a folder of this name.")
    if existing == "keep":
        return "kept"
    return already_there(job) if existing == "fail" else None


def all_there(jobs: Sequence[ImageJob], existing: Existing) -> BatchReport | None:
    """Report on jobs of which every result is there already; None if there is something to do."""
    report = BatchReport()
    for job in jobs:
        there = is_there_already(job, existing)
        if there is None:
            return None
        report.settle(job, there)
    return report


def already_there(job: ImageJob) -> Failure:
    """The failure of an image whose result is there already."""
    return Failure(
        job.source, f"{job.result} is there already; --overwrite replaces, --skip-existing keeps it."
    )


def describe_error(path: Path, error: Exception) -> str:
    """Say in one line what went wrong with a file, which is named.

    Args:
        path: The file that was read, enhanced or written.
        error: What was raised meanwhile; of an error in the code, its class and place are told.
    """
    if isinstance(error, UserError):
        text = str(error)
    elif is_out_of_memory(error):
        text = f"{path}: there is not enough memory for it."
    elif isinstance(error, OSError) and error.strerror:
        text = describe_os_error(path, error)
    else:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        reason = str(error).strip().partition("\n")[0]
        text = f"{path}: {type(error).__name__} at {where}: {reason}. Please report this fault of mmlle."
    if one_line(str(path)) not in one_line(text):
        text = f"{path}: {text}"
    return one_line(text)
