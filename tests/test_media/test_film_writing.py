import io
from pathlib import Path

import av
import numpy as np
import pytest

from mmlle.media.film_file import UnwritableFilmError
from mmlle.media.film_reading import FilmReader
from mmlle.media.film_writing import FilmWriter, check_film_quality
from mmlle.testing import write_film

#: Display P3 primaries, the curve of HLG, and the matrix of BT.2020.
TAGS = dict(color_range=1, colorspace=9, color_primaries=12, color_trc=18)


def pictures(count=5, height=48, width=64):
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    for index in range(count):
        yield np.stack([x, y, np.full_like(x, index / 20)], axis=-1).astype(np.float32) * 0.5


def rewrite(source, path, change=None, quality=90):
    """Write a film again, its pictures changed; gives the notes."""
    stream = io.BytesIO()
    with FilmReader(source) as reader:
        writer = FilmWriter(stream, Path(path), reader, quality)
        for part in reader:
            rgb = None if part.frame is None or change is None else change(writer.to_rgb(part.frame))
            writer.write(part, rgb)
        writer.close()
    Path(path).write_bytes(stream.getvalue())
    return writer.notes


def properties(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        first = frames[0]
        return dict(
            codec=stream.codec.canonical_name,
            format=first.format.name,
            size=(first.height, first.width),
            times=[round(frame.time, 3) for frame in frames],
            rotation=first.rotation,
            tags=(first.color_range, first.colorspace, first.color_primaries, first.color_trc),
            title=container.metadata.get("title"),
            chapters=[mark["metadata"]["title"] for mark in container.chapters()],
        )


def sound(path):
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [
        ("x.mp4", "libx264", "yuv420p"),
        ("x.mp4", "libx264", "yuv422p10le"),
        ("x.mov", "libx265", "yuv420p10le"),
        ("x.mkv", "libx264", "gray"),
        ("x.mkv", "ffv1", "yuv444p10le"),
        ("x.webm", "libvpx-vp9", "yuv420p"),
        ("x.webm", "libsvtav1", "yuv420p10le"),
        ("x.mov", "prores_ks", "yuv422p10le"),
    ],
)
def test_everything_is_kept(tmp_path, name, codec, pixel_format):
    times = [0, 0.04, 0.2, 0.24, 0.5]  # variable
    source = write_film(
        tmp_path / name,
        pictures(),
        codec=codec,
        pixel_format=pixel_format,
        times=times,
        tags=TAGS,
        rotation=90,
        sound=True,
        title="A night",
        chapter="One",
    )
    before = properties(source)
    assert before["times"] == times
    assert before["rotation"] == 90
    assert before["tags"] == (1, 2 if pixel_format == "gray" else 9, 12, 18)
    notes = rewrite(source, tmp_path / f"y{source.suffix}", lambda rgb: np.minimum(rgb * 1.5, 1))
    assert properties(tmp_path / f"y{source.suffix}") == before
    assert sound(tmp_path / f"y{source.suffix}") == sound(source)
    assert notes == []


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", [1, 6])
def test_colours_are_those_that_were_asked_for(tmp_path, matrix, full):
    grey = np.full((48, 64, 3), 0.25, np.float32)
    red = grey * [2, 1, 1]
    tags = dict(color_range=1 + full, colorspace=matrix)
    source = write_film(tmp_path / "x.mkv", [red.astype(np.float32)] * 3, tags=tags)
    rewrite(source, tmp_path / "y.mkv", lambda rgb: rgb[..., ::-1])
    with av.open(str(tmp_path / "y.mkv")) as container:
        frame = next(container.decode(video=0))
        rgb = frame.to_ndarray(format="rgb24")
    assert np.abs(rgb.astype(float) - 255 * np.array([0.25, 0.25, 0.5])).max() < 4


def test_odd_sizes_are_kept(tmp_path):
    source = write_film(tmp_path / "x.webm", pictures(3, 37, 51), codec="libvpx-vp9")
    assert rewrite(source, tmp_path / "y.webm", lambda rgb: rgb / 2) == []
    assert properties(tmp_path / "y.webm")["size"] == (37, 51)
    notes = rewrite(source, tmp_path / "y.mp4", lambda rgb: rgb / 2)
    assert properties(tmp_path / "y.mp4")["size"] == (37, 51)
    assert notes == []
    source = write_film(tmp_path / "x.mkv", pictures(3, 37, 51), codec="ffv1")
    rewrite(source, tmp_path / "y.mov", lambda rgb: rgb / 2)
    assert properties(tmp_path / "y.mov")["size"] == (37, 51)


def test_what_a_container_does_not_hold_is_named(tmp_path):
    source = write_film(tmp_path / "x.mov", pictures(), codec="prores_ks", pixel_format="yuv422p10le")
    notes = rewrite(source, tmp_path / "y.webm")
    assert notes == ["its pictures are encoded by av1, as prores cannot be", "its chroma is reduced to 4:2:0"]
    assert properties(tmp_path / "y.webm")["format"] == "yuv420p10le"


def test_pictures_that_are_not_changed_are_encoded_as_they_were_decoded(tmp_path):
    source = write_film(tmp_path / "x.mkv", pictures(), codec="ffv1")
    rewrite(source, tmp_path / "y.mkv")
    decoded = []
    for path in (source, tmp_path / "y.mkv"):
        with av.open(str(path)) as container:
            decoded.append([frame.to_ndarray() for frame in container.decode(video=0)])
    assert all(np.array_equal(*pair) for pair in zip(*decoded, strict=True))


def test_quality(tmp_path):
    rng = np.random.default_rng(0)
    source = write_film(tmp_path / "x.mp4", [rng.random((96, 96, 3), np.float32) for _ in range(5)])
    sizes = []
    for quality in (20, check_film_quality(None), 95):
        rewrite(source, tmp_path / "y.mp4", quality=quality)
        sizes.append((tmp_path / "y.mp4").stat().st_size)
    assert 2 * sizes[0] < sizes[1] < sizes[2]
    with pytest.raises(UnwritableFilmError, match="quality must be 1 to 100, got 0"):
        check_film_quality(0)


def add_subtitles(film, path):
    """Put a film and two subtitles into one file."""
    subtitles = path.with_suffix(".srt")
    subtitles.write_text(
        "1\n00:00:00,040 --> 00:00:00,080\nGood\n\n2\n00:00:00,120 --> 00:00:00,160\nevening\n"
    )
    with av.open(str(film)) as pictures, av.open(str(subtitles)) as words, av.open(str(path), "w") as result:
        for source in (pictures, words):
            result.add_stream_from_template(source.streams[0], opaque=True)
        result.streams[1].metadata["language"] = "fra"
        for source, copy in zip((pictures, words), result.streams, strict=True):
            for packet in source.demux():
                if packet.size:
                    packet.stream = copy
                    result.mux(packet)
    return path


def test_subtitles_are_copied_or_named(tmp_path):
    source = add_subtitles(write_film(tmp_path / "v.mkv", pictures()), tmp_path / "x.mkv")
    assert rewrite(source, tmp_path / "y.mkv", lambda rgb: rgb / 2) == []
    with av.open(str(tmp_path / "y.mkv")) as container:
        (stream,) = container.streams.subtitles
        assert stream.language == "fra"
        packets = [(packet.pts, bytes(packet)) for packet in container.demux(stream) if packet.size]
    assert packets == [(40, b"Good"), (120, b"evening")]
    notes = rewrite(source, tmp_path / "y.mp4", lambda rgb: rgb / 2)
    assert notes == ["stream 1 (subtitle, srt) is left out, .mp4 does not hold it"]


@pytest.mark.parametrize("codec", ["flac", "libopus"])
def test_sound_that_a_container_refuses_is_named(tmp_path, codec):
    source = write_film(tmp_path / "x.mkv", pictures(), sound=codec)
    notes = rewrite(source, tmp_path / "y.mov", lambda rgb: rgb / 2)
    assert notes == [f"stream 0 (audio, {codec.removeprefix('lib')}) is left out, .mov does not hold it"]
    assert len(properties(tmp_path / "y.mov")["times"]) == 5


def test_sound_whose_places_are_not_stated_is_copied(tmp_path):
    source = write_film(tmp_path / "x.mkv", pictures(), sound="pcm_s16le")
    with av.open(str(source)) as container:
        assert container.streams.audio[0].layout.name == "2 channels"
    assert rewrite(source, tmp_path / "y.mp4") == []
    assert b"".join(sound(tmp_path / "y.mp4")) == b"".join(sound(source))


def test_sound_of_an_unknown_encoding_is_named(tmp_path):
    source = write_film(tmp_path / "x.mkv", pictures(), sound=True)
    source.write_bytes(source.read_bytes().replace(b"A_OPUS", b"A_NONE"))
    for name in ("y.mkv", "y.mp4"):
        notes = rewrite(source, tmp_path / name, lambda rgb: rgb / 2)
        assert notes == ["stream 0 (audio, unknown) is left out, its encoding is unknown"]
        assert len(properties(tmp_path / name)["times"]) == 5


def test_a_cover_and_what_players_are_told_of_a_stream_stay(tmp_path):
    commentary, cover_picture = av.stream.Disposition.comment, av.stream.Disposition.attached_pic
    source = write_film(tmp_path / "x.mkv", pictures(), sound="aac")
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 16, 16, "yuvj420p", 1
    (cover,) = encoder.encode(av.VideoFrame(16, 16, "yuvj420p"))
    with av.open(str(source)) as film, av.open(str(tmp_path / "cover.mkv"), "w") as result:
        copies = [result.add_stream_from_template(stream) for stream in film.streams]
        copies[film.streams.audio[0].index].disposition = commentary
        result.add_attachment("cover.jpg", "image/jpeg", bytes(cover))
        for packet in film.demux():
            if packet.size:
                packet.stream = copies[packet.stream.index]
                result.mux(packet)
    for before, name in [("cover.mkv", "y.mkv"), ("cover.mkv", "y.mp4"), ("y.mp4", "z.mkv")]:
        assert rewrite(tmp_path / before, tmp_path / name) == []
        with av.open(str(tmp_path / name)) as container:
            found = [stream.disposition for stream in container.streams]
            assert cover_picture in found
            assert commentary in found[container.streams.audio[0].index]
    (note,) = rewrite(tmp_path / "cover.mkv", tmp_path / "y.mov")
    assert note.endswith("(video, mjpeg) is left out, .mov does not hold it")


def test_another_size_within_a_film_is_named(tmp_path):
    source = write_film(tmp_path / "x.mkv", pictures())
    with FilmReader(source) as reader, (tmp_path / "y.mkv").open("wb") as file:
        writer = FilmWriter(file, tmp_path / "y.mkv", reader)
        (part, *_) = reader
        writer.write(part)
        part.frame = part.frame.reformat(width=32, height=16)
        part.frame.pts += 40
        writer.write(part)
        writer.close()
    (note,) = writer.notes
    assert "to 16x32 px (height x width) after 0.0 seconds, and are brought to the first size" in note
