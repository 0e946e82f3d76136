import os
import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .film_file import UnreadableFilmError, film_errors, import_av

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.stream import Stream
    from av.video.stream import VideoStream

__all__ = ["FilmPart", "FilmReader"]

#: A film is called cut short if it ends by more seconds than this before the length that it states.
_TOLERANCE = 0.25
#: Containers whose stated length is not a guess.
_STATE_LENGTH = {"matroska", "mov", "mp4", "webm"}
#: Containers that state when pictures are decoded, and not when they are shown.
_STATE_DECODING = {"avi"}
#: A time is wrong if it is more seconds than the first before the last one of its stream, or than the second
#: after what was to be expected; the third in containers whose times may begin anew. FFmpeg takes the same.
_MAX_STEP_BACK, _MAX_GAP, _MAX_GAP_BEFORE_ANEW = 0.1, 108000, 10


@dataclass
class FilmPart:
    """A picture of a film and the packets of its other streams that precede it in the file.

    Attributes:
        frame: As decoded; None for the last packets.
        packets: Encoded, to be copied; of use only while the reader is open.
    """

    frame: "VideoFrame | None"
    packets: "list[Packet]" = field(default_factory=list)


class FilmReader:
    """Reads a film: a stream of pictures, and what is with them: sound, subtitles, chapters, metadata.

    A context manager, and an iterable of :class:`FilmPart`, once.

    Args:
        path: Of the film.

    Attributes:
        container: Of PyAV.
        stream: The pictures' stream.
        others: All other streams.
        first: The first picture.
        display_matrix: Nine integers (FFmpeg's ``AV_FRAME_DATA_DISPLAYMATRIX``) by which pictures are to be
            turned when they are shown; None if they are not.
        num_damaged: How many packets could not be decoded so far, or not without damage, or had no time of
            their own.

    Raises:
        UnreadableFilmError: If the file is missing, no film, damaged from the beginning, or has transparency.
    """

    def __init__(self, path: str | Path) -> None:
        av = import_av()
        self.path = path
        self.num_damaged = 0
        self._reached = 0.0
        with film_errors(path):
            # A relative name with a colon would be taken for an address.
            self.container = av.open(os.path.abspath(path), metadata_errors="replace")
        try:
            anew = self.container.format.flags & av.format.Flags.ts_discont.value
            self._clock = _Clock(_MAX_GAP_BEFORE_ANEW if anew else _MAX_GAP)
            self.stream = self._pictures()
            self.others: list[Stream] = [each for each in self.container.streams if each is not self.stream]
            self.stream.thread_type = "AUTO"
            self._parts = self._read()
            with film_errors(path):
                # Sound may come before the first picture.
                self._opening = next(self._parts, FilmPart(None))
            if self._opening.frame is None:
                raise self._unreadable("none of its pictures can be decoded")
            self.first = self._opening.frame
            self._refuse_transparency()
        except BaseException:
            self.container.close()
            raise
        self.display_matrix = _display_matrix(self.first)

    def __enter__(self) -> "FilmReader":
        return self

    def __exit__(self, *error: object) -> None:
        self.container.close()

    def __iter__(self) -> Iterator[FilmPart]:
        yield self._opening
        yield from self._parts

    @property
    def opening(self) -> "list[Packet]":
        """Packets of other streams that precede the first picture."""
        return self._opening.packets

    @property
    def rate(self) -> Fraction:
        """Pictures a second, on average."""
        return self.stream.guessed_rate or self.stream.average_rate or Fraction(25)

    @property
    def num_frames(self) -> int | None:
        """About how many pictures there are; None if the file does not tell."""
        if self.stream.frames:
            return self.stream.frames
        length = self._length()
        return None if length is None else max(1, round(length * self.rate))

    @property
    def missing(self) -> str | None:
        """What was missing in the file, once it has been read; None if it was whole."""
        length = self._length()
        texts = []
        if length is not None and self._is_one_of(_STATE_LENGTH) and self._reached < length - _TOLERANCE:
            texts.append(f"it is cut short after {self._reached:.1f} of {length:.1f} seconds")
        if self.num_damaged:
            texts.append(f"damaged packets: {self.num_damaged}")
        if self._clock.jumps:
            first, number = self._clock.jumps[0], len(self._clock.jumps)
            texts.append(f"its times jump, first after {first:.1f} seconds ({number} in all)")
        return " and ".join(texts) or None

    def _is_one_of(self, formats: set[str]) -> bool:
        return not formats.isdisjoint(self.container.format.name.split(","))

    def _length(self) -> float | None:
        """The stated length in seconds."""
        lengths = [
            each.duration * each.time_base
            for each in self.container.streams
            if each.duration and each.time_base and each.type in ("video", "audio")
        ]
        if lengths:  # that of the file would include the last chapter
            return float(max(lengths))
        return None if self.container.duration is None else self.container.duration / 1e6

    def _pictures(self) -> "VideoStream":
        disposition = import_av().stream.Disposition.attached_pic
        streams = [each for each in self.container.streams.video if not each.disposition & disposition]
        if not streams:
            raise self._unreadable("there are no moving pictures in it")
        if streams[0].codec_context is None:
            raise self._unreadable("its pictures have an unknown encoding")
        return streams[0]

    def _refuse_transparency(self) -> None:
        name = self.first.format.name
        transparent = name != "pal8" and any(part.is_alpha for part in self.first.format.components)
        if transparent or self.stream.metadata.get("alpha_mode") == "1":
            raise UnreadableFilmError(
                f"Cannot enhance the film {self.path}: it is transparent ({name}), which would be lost; "
                "convert it to one that is not."
            )

    def _unreadable(self, reason: str) -> UnreadableFilmError:
        return UnreadableFilmError(f"Cannot read the film {self.path}: {reason}.")

    def _read(self) -> Iterator[FilmPart]:
        av = import_av()
        waiting: list[Packet] = []
        # Pictures come in the order in which they are shown; the next one's is the earliest of these times.
        times: deque[int | None] = deque()
        started, last = False, None
        for packet in self._demux():
            if packet.stream is not self.stream:
                if packet.size:  # an empty one marks the end
                    waiting.append(packet)
                continue
            if packet.size and self._is_one_of(_STATE_DECODING):
                times.append(packet.dts)
            try:
                frames: list[Any] = packet.decode()
            except (av.FFmpegError, ValueError):
                self.num_damaged += 1
                if times:
                    times.popleft()
                continue
            for frame in frames:
                if times:
                    frame.pts = times.popleft()
                if frame.is_corrupt and not started:
                    continue
                if started and (frame.pts is None or (last is not None and frame.pts <= last)):
                    self.num_damaged += 1
                    continue
                self.num_damaged += frame.is_corrupt
                started, last = True, frame.pts
                yield FilmPart(frame, waiting)
                waiting = []
        if waiting:
            yield FilmPart(None, waiting)

    def _demux(self) -> "Iterator[Packet]":
        av = import_av()
        start = (self.container.start_time or 0) / 1e6
        try:
            for packet in self.container.demux():
                if packet.size:
                    self._clock.correct(packet)
                    if packet.pts is not None:
                        end = float((packet.pts + (packet.duration or 0)) * packet.time_base) - start
                        self._reached = max(self._reached, end)
                yield packet
        except (av.FFmpegError, OSError):
            self.num_damaged += 1


class _StreamTime(NamedTuple):
    """Where a stream is: which shift its times have, the last one, and the next one to be expected."""

    shift: int
    last: Fraction
    expected: Fraction


class _Clock:
    """Lets times go on where recordings were joined, or where one of them is damaged.

    All are in seconds.

    Args:
        max_gap: That may be between two times of a stream, or between decoding and showing.

    Attributes:
        jumps: Where that was.
    """

    def __init__(self, max_gap: float) -> None:
        self.jumps: list[float] = []
        self._max_gap = max_gap
        self._shifts = [Fraction(0)]
        self._streams: dict[int, _StreamTime] = {}

    def correct(self, packet: "Packet") -> None:
        """Put the times of the next packet right."""
        base, before = packet.time_base, self._streams.get(packet.stream.index)
        shift = len(self._shifts) - 1 if before is None else before.shift
        if packet.dts is not None and packet.stream.type in ("video", "audio"):
            time = packet.dts * base
            if before is not None:
                shift = self._choose_shift(time, before)
            last = time + self._shifts[shift]
            step = packet.duration * base if packet.duration else last - (before.last if before else last)
            self._streams[packet.stream.index] = _StreamTime(shift, last, last + step)
            if packet.pts is not None and abs(packet.pts * base - time) > self._max_gap:
                packet.pts = None
        ticks = round(self._shifts[shift] / base)
        if ticks:
            packet.dts = None if packet.dts is None else packet.dts + ticks
            packet.pts = None if packet.pts is None else packet.pts + ticks

    def _choose_shift(self, time: Fraction, before: _StreamTime) -> int:
        """Choose the stream's own shift, or that of another, so that they stay together, or a new one."""
        newest = len(self._shifts) - 1
        for shift in (before.shift, *range(newest, -1, -1)):
            shifted = time + self._shifts[shift]
            least = before.last - _MAX_STEP_BACK if shift == before.shift else before.last
            if least <= shifted <= before.expected + self._max_gap:
                return shift
        missing = before.expected - time - self._shifts[newest]
        if newest > before.shift and 0 < missing <= _MAX_GAP_BEFORE_ANEW:
            self._shifts[newest] += missing  # the stream that jumped first had ended earlier than this one
            return newest
        self._shifts.append(before.expected - time)
        self.jumps.append(float(before.expected))
        return newest + 1


def _display_matrix(frame: "VideoFrame") -> tuple[int, ...] | None:
    data: Any = frame.side_data.get("DISPLAYMATRIX")
    return None if data is None else struct.unpack("=9i", bytes(data))
