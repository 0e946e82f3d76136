import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from .film_color import LUMA_COEFFICIENTS, FilmColor
from .film_file import FILM_FORMATS, UnwritableFilmError, import_av
from .film_reading import FilmPart, FilmReader
from .scheduling import keep_scheduling

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.container import Container
    from av.stream import Stream
    from av.video.format import VideoFormat
    from av.video.plane import VideoPlane

__all__ = ["DEFAULT_QUALITY", "FilmWriter", "check_film_quality"]

#: Hardly to be told from the source by eye; rate factor 18 of H.264 and H.265.
DEFAULT_QUALITY = 65

_MPEG_RANGE, _JPEG_RANGE = 1, 2
_BT709, _BT601_525 = 1, 6
#: The tags of colours, and their value where there is none (ITU-T H.273).
_UNSPECIFIED = {"color_range": 0, "colorspace": 2, "color_primaries": 2, "color_trc": 2}


@dataclass(frozen=True)
class _Encoder:
    """An encoder of FFmpeg's.

    Attributes:
        name: FFmpeg's.
        worst: Rate factor of quality 0; that of quality 100 is 0. None for encoders without.
        options: Others than that.
    """

    name: str
    worst: int | None
    options: dict[str, str]

    def options_for(self, quality: int) -> dict[str, str]:
        if self.worst is None:
            return self.options
        return {**self.options, "crf": str(round(self.worst * (100 - quality) / 100))}


#: By codec; in this order another one is looked for where the film's own will not do.
_ENCODERS = {
    "h264": _Encoder("libx264", 51, {"preset": "medium"}),
    "hevc": _Encoder("libx265", 51, {"preset": "medium", "x265-params": "log-level=none"}),
    "vp9": _Encoder("libvpx-vp9", 63, {"deadline": "good", "cpu-used": "4", "row-mt": "1"}),
    "av1": _Encoder("libsvtav1", 63, {"preset": "8"}),
    "prores": _Encoder("prores_ks", None, {}),
    "ffv1": _Encoder("ffv1", None, {}),
}


#: Codecs that players expect in a container; Matroska holds all.
_HELD_BY = {
    "mp4": ("h264", "hevc", "av1", "vp9"),
    "mov": ("h264", "hevc", "prores"),
    "webm": ("vp9", "av1"),
    "matroska": tuple(_ENCODERS),
}


@dataclass(frozen=True)
class _Encoding:
    codec: str
    pixel_format: str


def check_film_quality(quality: int | None) -> int:
    """Return the quality, or the default for None.

    Raises:
        UnwritableFilmError: If it is none.
    """
    if quality is not None and not 1 <= quality <= 100:
        raise UnwritableFilmError(f"quality must be 1 to 100, got {quality}.")
    return DEFAULT_QUALITY if quality is None else quality


class FilmWriter:
    """Writes a film like the one that is read, with other pictures.

    Pictures are encoded as those of the source are: codec, depth, chroma, colours, times. All else is copied.
    What cannot be kept is told in :attr:`notes`.

    Args:
        file: Binary, to be written from its beginning.
        path: Where it will lie in the end; its ending chooses the container.
        source: Opened.
        quality: 1 to 100.

    Attributes:
        notes: What is not as in the source, in one line each.

    Raises:
        UnwritableFilmError: If no encoder takes such pictures.
    """

    def __init__(
        self, file: IO[bytes], path: Path, source: FilmReader, quality: int = DEFAULT_QUALITY
    ) -> None:
        av = import_av()
        self.notes: list[str] = []
        self._path = path
        self._source = source
        container = FILM_FORMATS[path.suffix.lower()]
        self._container = av.open(file, "w", format=container, metadata_errors="replace")
        self._encoding = self._choose_encoding()
        self.color, self._tags = self._choose_color()
        self._stream = self._add_pictures(quality)
        self._copies = self._add_others()
        self._container.metadata.update(_metadata(source.container))
        self._container.set_chapters(source.container.chapters())
        self._num_refused = 0
        self._resized = False
        with self._errors():
            self._container.start_encoding()

    def planes(self, frame: "VideoFrame") -> list[np.ndarray]:
        """Give the planes of a picture of the source in the encoding of the result."""
        frame = self._as_encoded(frame)
        kind = np.uint8 if self.color.depth == 8 else np.uint16
        return [_values(plane, kind) for plane in frame.planes]

    def to_rgb(self, frame: "VideoFrame") -> np.ndarray:
        """Convert a picture of the source to (H, W, 3) float32, RGB in [0, 1]."""
        planes = self.planes(frame)
        return self.color.to_rgb(planes[:1] if self._encoding.pixel_format.startswith("gray") else planes)

    def write(self, part: FilmPart, rgb: np.ndarray | None = None) -> None:
        """Write the next picture and the packets before it.

        Args:
            part: Of the source.
            rgb: The picture in place of its own; None for that.

        Raises:
            UnwritableFilmError: If the container does not take them.
        """
        with self._errors():
            for packet in part.packets:
                copy = self._copies.get(packet.stream.index)
                if copy is not None:
                    packet.stream = copy
                    self._mux([packet])
            if part.frame is not None:
                self._mux(self._stream.encode(self._picture(part.frame, rgb)))

    def close(self) -> None:
        """Finish the film; only then it can be played.

        Raises:
            UnwritableFilmError: If it cannot be finished.
        """
        with self._errors():
            self._mux(self._stream.encode(None))
            self._container.close()
        if self._num_refused:
            self.notes.append(f"damaged packets of its other streams, left out: {self._num_refused}")

    def _mux(self, packets: "list[Packet]") -> None:
        av = import_av()
        for packet in packets:
            try:
                self._container.mux_one(packet)
            except (av.ArgumentError, av.InvalidDataError):
                # It may be one that has waited for this one; those of the pictures are in order.
                if not self._copies:
                    raise
                self._num_refused += 1

    def _picture(self, frame: "VideoFrame", rgb: np.ndarray | None) -> "VideoFrame":
        first = self._source.first
        if (frame.width, frame.height) != (first.width, first.height) and not self._resized:
            self._resized = True
            self.notes.append(
                f"its pictures change from {first.height}x{first.width} to {frame.height}x{frame.width} px "
                f"(height x width) after {frame.time or 0:.1f} seconds, and are brought to the first size"
            )
        result = self._as_encoded(frame)
        if rgb is not None:
            old, result = (
                result,
                import_av().VideoFrame(frame.width, frame.height, self._encoding.pixel_format),
            )
            planes = self.color.to_planes(rgb, [(plane.height, plane.width) for plane in old.planes])
            for plane, values in zip(result.planes, planes, strict=True):
                _values(plane, values.dtype)[:] = values
        result.pts, result.time_base = frame.pts, frame.time_base
        result.duration = frame.duration
        result.pict_type = 0  # else the encoder would choose the same kinds of pictures again
        for name, value in self._tags.items():
            setattr(result, name, value)
        return result

    def _as_encoded(self, frame: "VideoFrame") -> "VideoFrame":
        name = self._encoding.pixel_format
        if frame.format.name in (name, name.replace("yuv", "yuvj")):
            return frame
        # Tags of the frame that are missing in the file are guessed as for the result.
        frame.color_range = frame.color_range or self._tags["color_range"]
        return frame.reformat(
            format=name, dst_color_range=_JPEG_RANGE if self.color.full_range else _MPEG_RANGE, threads=1
        )

    def _choose_encoding(self) -> _Encoding:
        av = import_av()
        own, source = self._source.stream.codec.canonical_name, self._source.first
        possible = sorted(_HELD_BY[self._container.format.name], key=lambda codec: codec != own)
        for name in _similar_formats(source.format):
            for codec in possible:
                encoder = _ENCODERS[codec]
                if self._takes(encoder, name):
                    if codec != own:
                        self.notes.append(f"its pictures are encoded by {codec}, as {own} cannot be")
                    if _depth(name) < _depth(source.format.name):
                        self.notes.append(f"its {_depth(source.format.name)} bits become {_depth(name)}")
                    if _subsampling(av.VideoFormat(name)) > _subsampling(source.format):
                        self.notes.append("its chroma is reduced to 4:2:0")
                    return _Encoding(codec, name)
        raise UnwritableFilmError(
            f"Cannot write the film {self._path}: no encoder takes {source.format.name} of "
            f"{source.height}x{source.width} px (height x width) for {self._path.suffix}; use .mkv."
        )

    def _takes(self, encoder: _Encoder, pixel_format: str) -> bool:
        """Tell whether an encoder takes pictures of a format and of this size, by trying it."""
        av = import_av()
        try:
            formats = av.Codec(encoder.name, "w").video_formats or ()
            if pixel_format not in {each.name for each in formats}:
                return False
            context = av.CodecContext.create(encoder.name, "w")
            self._set_up(context, pixel_format)
            context.options = dict(encoder.options)
            with keep_scheduling():
                context.open()
        except (av.FFmpegError, ValueError):  # ValueError: this build has no such encoder
            return False
        return True

    def _set_up(self, context: Any, pixel_format: str) -> None:
        first = self._source.first
        context.width, context.height, context.pix_fmt = first.width, first.height, pixel_format
        context.framerate = self._source.rate
        context.time_base = self._source.stream.time_base or 1 / self._source.rate

    def _choose_color(self) -> tuple[FilmColor, dict[str, int]]:
        """Choose how values are converted, and the tags of the result, which are those of the source."""
        first, context = self._source.first, self._source.stream.codec_context
        rgb = first.format.is_rgb or first.format.name == "pal8"
        tags = {}
        for name, unspecified in _UNSPECIFIED.items():
            of_frame, of_stream = int(getattr(first, name)), int(getattr(context, name))
            tags[name] = of_stream if of_frame == unspecified else of_frame
        if first.format.name.startswith("yuvj"):
            tags["color_range"] = _JPEG_RANGE
        elif rgb:
            tags.update(color_range=_MPEG_RANGE, colorspace=_BT601_525)  # what FFmpeg converts to
        matrix = tags["colorspace"]
        if matrix not in LUMA_COEFFICIENTS:
            # What players take where there is no tag.
            matrix = _BT709 if first.height >= 720 or first.width >= 1280 else _BT601_525
        return FilmColor(
            matrix, tags["color_range"] == _JPEG_RANGE, _depth(self._encoding.pixel_format)
        ), tags

    def _add_pictures(self, quality: int) -> Any:
        source, encoder = self._source, _ENCODERS[self._encoding.codec]
        stream: Any = self._container.add_stream(encoder.name, rate=source.rate)
        context = stream.codec_context
        self._set_up(context, self._encoding.pixel_format)
        context.options = encoder.options_for(quality)
        context.thread_type = "AUTO"
        for name, value in self._tags.items():
            setattr(context, name, value)
        ratio = source.stream.sample_aspect_ratio
        if ratio and ratio != 1:
            context.sample_aspect_ratio = ratio
            if self._encoding.codec in ("vp9", "ffv1"):
                self.notes.append(f"its pixels are {ratio} times as wide as high, which is left out")
        if self._encoding.codec == "hevc" and self._container.format.name in ("mp4", "mov"):
            context.codec_tag = "hvc1"  # what Apple's players look for
        if source.display_matrix is not None:
            stream.set_display_matrix(source.display_matrix)
        if source.first.interlaced_frame:
            self.notes.append("its pictures are interlaced, and are stored as whole ones")
        stream.metadata.update(_metadata(source.stream))
        stream.disposition = source.stream.disposition
        with self._errors(), keep_scheduling():
            context.open()
        return stream

    def _add_others(self) -> "dict[int, Stream]":
        """Add a stream for each one that can be copied; by the index in the source."""
        copies = {}
        for stream in self._source.others:
            if stream.type == "data" and stream.name == "bin_data" and self._source.container.chapters():
                continue  # the titles of the chapters, which are written anew
            is_cover = bool(stream.disposition & import_av().stream.Disposition.attached_pic)
            if is_cover and self._container.format.name == "matroska":
                self._attach(stream)
            elif self._holds(stream, is_cover):
                copies[stream.index] = _copy(self._container, stream)
            else:
                codec = getattr(stream.codec_context or stream, "name", None)
                reason = f"{self._path.suffix} does not hold it" if codec else "its encoding is unknown"
                self.notes.append(
                    f"stream {stream.index} ({stream.type}, {codec or 'unknown'}) is left out, {reason}"
                )
        return copies

    def _holds(self, stream: "Stream", is_cover: bool) -> bool:
        """Tell whether the container takes a stream, by the header of a file with this one alone."""
        av, container = import_av(), self._container.format.name
        if stream.type == "data" or (stream.type == "attachment" and container != "matroska"):
            return False
        if is_cover:
            return container == "mp4"
        try:
            with av.open(io.BytesIO(), "w", format=container) as trial:
                _copy(trial, stream)
                trial.start_encoding()
        except (ValueError, av.FFmpegError):
            return False
        return True

    def _attach(self, stream: "Stream") -> None:
        """Attach a cover picture, which comes before all other packets."""
        for packet in self._source.opening:
            if packet.stream is stream:
                # By the media type a player knows it.
                codec = stream.codec_context.name.replace("mjpeg", "jpeg")
                name = stream.metadata.get("filename", f"cover.{codec.replace('jpeg', 'jpg')}")
                kind = stream.metadata.get("mimetype", f"image/{codec}")
                self._container.add_attachment(name, kind, bytes(packet))

    def _errors(self) -> "_Writing":
        return _Writing(self._path)


class _Writing:
    """Turns FFmpeg's errors into messages; those of the disk stay as they are."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        av = import_av()
        if isinstance(error, (av.FFmpegError, ValueError)) and not isinstance(error, UnwritableFilmError):
            reason = getattr(error, "strerror", None) or str(error)
            advice = "" if self._path.suffix.lower() == ".mkv" else "; use .mkv"
            raise UnwritableFilmError(
                f"Cannot write the film {self._path}: {reason.rstrip('.')}{advice}."
            ) from error


def _copy(container: Any, stream: Any) -> "Stream":
    """Add a stream like another one, with its metadata and what players are told of it."""
    copy = container.add_stream_from_template(stream, opaque=True)
    copy.metadata.update(_metadata(stream))
    copy.disposition = stream.disposition
    if stream.type == "audio" and stream.layout.name == f"{stream.channels} channels":
        # AVI does not say where they are heard; .mp4 wants to know.
        with suppress(ValueError):
            copy.codec_context.layout = f"{stream.channels}c"  # the usual places of so many
    return copy


def _values(plane: "VideoPlane", kind: Any) -> np.ndarray:
    """Give the values of a plane, (H, W), where they are."""
    values = np.frombuffer(memoryview(plane), kind)
    return values.reshape(plane.height, -1)[:, : plane.width]


def _metadata(part: "Stream | Container") -> dict[str, str]:
    """Return the metadata of a stream or file but for those that say how it was encoded."""
    technical = "bps duration encoder vendor_id rotate alpha_mode major_brand minor_version compatible_brands"
    return {
        key: value
        for key, value in part.metadata.items()
        if key.lower() not in technical.split() and not key.startswith(("_STATISTICS_", "NUMBER_OF_"))
    }


def _depth(pixel_format: str) -> int:
    return max(part.bits for part in import_av().VideoFormat(pixel_format).components)


def _similar_formats(source: "VideoFormat") -> Iterator[str]:
    """Give the pixel formats in which pictures could be encoded, those that keep most first."""
    depth = 8 if source.name == "pal8" else _depth(source.name)
    depths = sorted((8, 10, 12), key=lambda each: (each < depth, abs(each - depth)))
    own = {(1, 1): "420", (1, 0): "422", (0, 0): "444"}.get(_subsampling(source), "444")
    for bits in depths:
        ending = "" if bits == 8 else f"{bits}le"
        if len(source.components) == 1 and source.name != "pal8":
            yield f"gray{ending}"
        yield f"yuv{own}p{ending}"
        yield f"yuv444p{ending}"
        yield f"yuv420p{ending}"


def _subsampling(source: "VideoFormat") -> tuple[int, int]:
    """Logarithms of the factors by which chroma is reduced, horizontally and vertically."""
    if source.is_rgb or source.name == "pal8":
        return 0, 0
    if len(source.components) == 1:
        return 1, 1
    large = 64
    width, height = source.chroma_width(large), source.chroma_height(large)
    return (large // width).bit_length() - 1, (large // height).bit_length() - 1
