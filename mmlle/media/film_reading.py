import os
import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


@dataclass
class FilmPart:
    """A picture of a film and the packets of its other streams that precede it in the file.

    Attributes:
        frame: As decoded; None for the last packets.
        packets: Encoded, to be copied; of use only while the reader is open.
    """

    frame: "VideoFrame | None"
    packets: "list[Packet]" = field(default_factory=list)


class _Clock:
    """Keeps the times of a stream going forward.

    Where they step back, as where recordings were joined or a time is damaged, what comes then follows at
    once, and all later times are shifted as much.

    Attributes:
        num_steps: How often they stepped back.
    """

    def __init__(self) -> None:
        self.num_steps = 0
        self._shift = 0
        self._last: int | None = None
        self._length = 1

    @property
    def next(self) -> int | None:
        """When what comes next would follow at once, before it is shifted; None at the beginning."""
        return None if self._last is None else self._last + self._length - self._shift

    def shift(self, time: int, length: int | None, least: int = 0) -> int:
        """Give by how many ticks a time is to be shifted.

        Args:
            time: Next one of the stream.
            length: Of what is shown or heard from then on; None or 0 for as long as what was before it.
            least: How much later than the one before it is at least.
        """
        if self._last is not None and time + self._shift < self._last + least:
            self.num_steps += 1
            self._shift = self._last + self._length - time
        self._last = time + self._shift
        self._length = length or self._length
        return self._shift


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
        num_damaged: How many packets could not be decoded so far, or not without damage.

    Raises:
        UnreadableFilmError: If the file is missing, no film, damaged from the beginning, or has transparency.
    """

    def __init__(self, path: str | Path) -> None:
        av = import_av()
        self.path = path
        self.num_damaged = 0
        self._reached = 0.0
        self._clocks: defaultdict[int, _Clock] = defaultdict(_Clock)
        with film_errors(path):
            # A relative name with a colon would be taken for an address.
            self.container = av.open(os.path.abspath(path), metadata_errors="replace")
        try:
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
        if length is not None and self._states_length and self._reached < length - _TOLERANCE:
            texts.append(f"it is cut short after {self._reached:.1f} of {length:.1f} seconds")
        if self.num_damaged:
            texts.append(f"{self.num_damaged} of its packets are damaged")
        num_steps = max((clock.num_steps for clock in self._clocks.values()), default=0)
        if num_steps:
            often = "once" if num_steps == 1 else f"{num_steps} times"
            texts.append(f"its times step back {often}, where what follows was shifted")
        return " and ".join(texts) or None

    @property
    def _states_length(self) -> bool:
        return not _STATE_LENGTH.isdisjoint(self.container.format.name.split(","))

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
        started = False
        # It stores the times of packets alone: pictures come in the order in which they are shown.
        by_order = self.container.format.name == "avi"
        for packet in self._demux():
            if packet.stream is not self.stream:
                if packet.size:  # an empty one marks the end
                    self._shift(packet)
                    waiting.append(packet)
                continue
            try:
                frames: list[Any] = packet.decode()
            except (av.FFmpegError, ValueError):
                self.num_damaged += 1
                continue
            for frame in frames:
                clock = self._clocks[self.stream.index]
                if by_order:
                    frame.pts = frame.dts if frame.dts is not None else clock.next
                if frame.pts is None and started:
                    self.num_damaged += 1
                    continue
                if frame.is_corrupt and not started:
                    continue
                self.num_damaged += frame.is_corrupt
                if frame.pts is not None:
                    frame.pts += clock.shift(frame.pts, frame.duration or self._ticks(frame), least=1)
                started = True
                yield FilmPart(frame, waiting)
                waiting = []
        if waiting:
            yield FilmPart(None, waiting)

    def _shift(self, packet: "Packet") -> None:
        time = packet.pts if packet.dts is None else packet.dts
        if time is not None:
            shift = self._clocks[packet.stream.index].shift(time, packet.duration)
            packet.dts = None if packet.dts is None else packet.dts + shift
            packet.pts = None if packet.pts is None else packet.pts + shift

    def _ticks(self, frame: "VideoFrame") -> int:
        """How many ticks of its time base a picture is shown, by the average rate."""
        return max(1, round(1 / (self.rate * frame.time_base))) if frame.time_base else 1

    def _demux(self) -> "Iterator[Packet]":
        av = import_av()
        start = (self.container.start_time or 0) / 1e6
        try:
            for packet in self.container.demux():
                if packet.size and packet.pts is not None:
                    end = float((packet.pts + (packet.duration or 0)) * packet.time_base) - start
                    self._reached = max(self._reached, end)
                yield packet
        except (av.FFmpegError, OSError):
            self.num_damaged += 1


def _display_matrix(frame: "VideoFrame") -> tuple[int, ...] | None:
    data: Any = frame.side_data.get("DISPLAYMATRIX")
    return None if data is None else struct.unpack("=9i", bytes(data))
