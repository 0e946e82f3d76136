from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from mmlle.media.film_color import FilmColor
from mmlle.media.film_file import FILM_FORMATS, import_av
from mmlle.media.scheduling import keep_scheduling

__all__ = ["read_film", "write_film"]

_TIME_BASE = Fraction(1, 12000)


def write_film(
    path: str | Path,
    pictures: Iterable[np.ndarray],
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    times: Sequence[float] | None = None,
    tags: dict[str, int] | None = None,
    rotation: int = 0,
    sound: bool | str = False,
    title: str | None = None,
    chapter: str | None = None,
    crf: int = 10,
) -> Path:
    """Write a film of 25 pictures a second.

    Args:
        path: Where to; the ending chooses the container.
        pictures: (H, W, 3) float32, RGB in [0, 1].
        codec: FFmpeg's name of the encoder.
        pixel_format: FFmpeg's name.
        times: When each picture is shown, in seconds; None for equal distances.
        tags: ``color_range``, ``colorspace``, ``color_primaries`` and ``color_trc`` by ITU-T H.273.
        rotation: Degrees by which players turn it, counter-clockwise.
        sound: Whether there is a tone with it; or FFmpeg's name of the encoder of the tone.
        title: In the metadata of the file.
        chapter: Title of a chapter of the first second.
        crf: Rate factor, of encoders that have one.

    Returns:
        The path.
    """
    av = import_av()
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"libx265": {"x265-params": "log-level=none"}, "libx264": {"preset": "ultrafast"}}.get(
        codec, {}
    )
    tags = {"color_range": 1, "colorspace": 1} | (tags or {})
    color = FilmColor(tags["colorspace"], tags["color_range"] == 2, 10 if "10" in pixel_format else 8)
    with av.open(str(path), "w", format=FILM_FORMATS[path.suffix]) as container:
        stream: Any = None
        if sound is True:
            sound = "aac" if path.suffix == ".mov" else "libopus"
        tone: Any = container.add_stream(sound, rate=48000) if sound else None
        if title:
            container.metadata["title"] = title
        if chapter:
            mark = dict(id=1, start=0, end=1000, time_base=Fraction(1, 1000), metadata={"title": chapter})
            container.set_chapters([mark])
        for index, picture in enumerate(pictures):
            if stream is None:
                stream = container.add_stream(codec, rate=25, options=options | {"crf": str(crf)})
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = pixel_format
                stream.codec_context.time_base = _TIME_BASE
                for name, value in tags.items():
                    setattr(stream.codec_context, name, value)
                if rotation:
                    stream.set_display_rotation(rotation)
                with keep_scheduling():
                    stream.codec_context.open()
            frame = av.VideoFrame(stream.width, stream.height, pixel_format)
            shapes = [(plane.height, plane.width) for plane in frame.planes]
            planes = color.to_planes(picture, shapes[: 1 if "gray" in pixel_format else None])
            for plane, values in zip(frame.planes, planes, strict=False):
                target = np.frombuffer(memoryview(plane), values.dtype).reshape(plane.height, -1)
                target[:, : plane.width] = values
            time = index / 25 if times is None else times[index]
            for name, value in tags.items():
                setattr(frame, name, value)
            frame.pts, frame.time_base = round(time / _TIME_BASE), _TIME_BASE
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode(None))
        if tone is not None:
            samples = np.sin(np.arange(9600, dtype=np.float32) / 20)[None].repeat(2, axis=0)
            frame = av.AudioFrame.from_ndarray(samples, "fltp", "stereo")
            frame.sample_rate, frame.pts = 48000, 0
            resampler = av.AudioResampler(tone.format, tone.layout, tone.rate, tone.codec_context.frame_size)
            for part in resampler.resample(frame):
                container.mux(tone.encode(part))
            container.mux(tone.encode(None))
    return path


def read_film(path: str | Path) -> tuple[list[float], list[np.ndarray]]:
    """Read a film as FFmpeg converts it.

    Returns:
        When each picture is shown, in seconds, and the pictures (H, W, 3) uint8, RGB.
    """
    with import_av().open(str(path)) as container:
        frames = list(container.decode(video=0))
    return [frame.time for frame in frames], [frame.to_ndarray(format="rgb24") for frame in frames]
