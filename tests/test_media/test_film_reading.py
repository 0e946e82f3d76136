import socket

import numpy as np
import pytest

pytest.importorskip("av")

import av

from mmlle.media.film_file import UnreadableFilmError
from mmlle.media.film_reading import FilmReader
from mmlle.testing import write_film, write_images


def pictures(count, height=48, width=64):
    rng = np.random.default_rng(0)
    return [rng.random((height, width, 3), np.float32) for _ in range(count)]


def test_pictures_come_one_after_the_other_with_the_packets_before_them(tmp_path):
    path = write_film(tmp_path / "x.mkv", pictures(7), sound=True)
    with FilmReader(path) as reader:
        assert (reader.num_frames, reader.rate, reader.display_matrix) == (7, 25, None)
        parts = list(reader)
        assert reader.missing is None
        kinds = [packet.stream.type for part in parts for packet in part.packets]
    times = [part.frame.time for part in parts if part.frame is not None]
    assert times == pytest.approx([i / 25 for i in range(7)], abs=1e-3)
    assert len(kinds) >= 10
    assert set(kinds) == {"audio"}


def test_a_film_of_one_picture(tmp_path):
    with FilmReader(write_film(tmp_path / "x.mp4", pictures(1))) as reader:
        assert len(list(reader)) == 1
        assert reader.missing is None


def test_the_display_matrix(tmp_path):
    with FilmReader(write_film(tmp_path / "x.mp4", pictures(1), rotation=90)) as reader:
        assert reader.first.rotation == 90
        assert reader.display_matrix is not None
        assert [abs(value) for value in reader.display_matrix[:5]] == [0, 65536, 0, 65536, 0]


@pytest.mark.parametrize("kind", ["gone", "empty", "text", "folder", "image", "half a film"])
def test_what_is_no_film_is_one_line(tmp_path, kind):
    path = tmp_path / "x.mp4"
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_bytes(b"text\n" * 1000)
    elif kind == "folder":
        path.mkdir()
    elif kind == "image":
        write_images(tmp_path, ["y.png"])
        (tmp_path / "y.png").rename(path)
        with FilmReader(path) as reader:  # FFmpeg knows images too: a film of one picture
            assert len(list(reader)) == 1
        return
    elif kind == "half a film":
        write_film(path, pictures(9))
        path.write_bytes(path.read_bytes()[:2000])  # the index is at the end
    with pytest.raises(UnreadableFilmError, match="^Cannot read the film .*x.mp4: .*") as error:
        FilmReader(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["x.mp4", "x.m3u8"])
def test_a_playlist_reaches_no_other_host(tmp_path, name):
    """FFmpeg knows a playlist by what is in it, whatever its name; its parts may be addresses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        part = f"http://127.0.0.1:{server.getsockname()[1]}/part.ts"
        text = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{part}\n#EXT-X-ENDLIST\n"
        (tmp_path / name).write_text(text)
        with pytest.raises(UnreadableFilmError):
            FilmReader(tmp_path / name)
        with pytest.raises(TimeoutError):
            server.accept()


def test_sound_alone_is_no_film(tmp_path):
    path = write_film(tmp_path / "x.webm", [], sound=True)
    with pytest.raises(UnreadableFilmError, match="no moving pictures"):
        FilmReader(path)


def test_transparency_is_refused(tmp_path):
    import av

    with av.open(str(tmp_path / "x.mov"), "w") as container:
        stream = container.add_stream("prores_ks", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuva444p10le"
        container.mux(stream.encode(av.VideoFrame(64, 48, "yuva444p10le")))
        container.mux(stream.encode(None))
    with pytest.raises(UnreadableFilmError, match="transparent"):
        FilmReader(tmp_path / "x.mov")


def test_a_film_that_is_cut_short_is_read_as_far_as_it_goes(tmp_path):
    path = write_film(tmp_path / "x.mkv", pictures(50))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with FilmReader(path) as reader:
        frames = [part.frame for part in reader if part.frame is not None]
        assert 10 < len(frames) < 45
        assert "cut short after" in reader.missing
        assert "of 2.0 seconds" in reader.missing


def test_damage_in_the_middle_does_not_end_it(tmp_path):
    path = write_film(tmp_path / "x.mp4", pictures(40))
    content = bytearray(path.read_bytes())
    third = len(content) // 3
    content[third : third + 20000] = np.random.default_rng(0).bytes(20000)
    path.write_bytes(content)
    with FilmReader(path) as reader:
        times = [part.frame.time for part in reader if part.frame is not None]
        assert times[-1] == pytest.approx(39 / 25, abs=1e-3)
        assert times == sorted(set(times))


def joined(path, film, begins):
    """Join copies of a film that begin at these seconds, in a format whose files may follow one another."""
    for number, begin in enumerate(begins):
        part = path.with_name(f"{number}.ts")
        with av.open(str(film)) as source, av.open(str(part), "w", format="mpegts") as target:
            copies = [target.add_stream_from_template(stream) for stream in source.streams]
            for packet in source.demux():
                if packet.size:
                    shift = round(begin / packet.time_base)
                    packet.dts, packet.pts = packet.dts + shift, packet.pts + shift
                    packet.stream = copies[packet.stream.index]
                    target.mux(packet)
        with path.open("ab") as file:
            file.write(part.read_bytes())
    return path


@pytest.mark.parametrize(
    ("begins", "jumps"),
    [([0, 0], "(1 in all)"), ([0, 5000, 0], "(2 in all)")],
)
def test_times_that_jump_go_on(tmp_path, begins, jumps):
    film = write_film(tmp_path / "x.mkv", pictures(8), sound="aac")
    with FilmReader(joined(tmp_path / "all.ts", film, begins)) as reader:
        parts = list(reader)
        assert jumps in reader.missing
    times = [part.frame.time for part in parts if part.frame is not None]
    heard = [float(packet.pts * packet.time_base) for part in parts for packet in part.packets]
    assert np.diff(times) == pytest.approx(np.full(8 * len(begins) - 1, 1 / 25), abs=1e-3)
    assert heard == sorted(heard)
    # The sound, of 0.2 seconds, begins with the pictures of its part.
    assert heard[-1] - times[-8] == pytest.approx(0.2, abs=0.05)


def test_of_pictures_of_one_time_the_first_is_taken(tmp_path):
    path = write_film(tmp_path / "x.mkv", pictures(4), times=[0, 0.04, 0.0401, 0.12])
    with FilmReader(path) as reader:
        times = [part.frame.time for part in reader if part.frame is not None]
        assert reader.missing == "damaged packets: 1"
    assert times == pytest.approx([0, 0.04, 0.12])


def test_pictures_of_a_format_without_their_times_are_in_order(tmp_path):
    with av.open(str(tmp_path / "x.avi"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        gradient = np.tile(np.linspace(0, 127, 320)[:, None], (240, 1, 3))
        for number in range(30):  # a fade, whose pictures are encoded in another order
            picture = (gradient + 4 * number).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode(None))
    with av.open(str(tmp_path / "x.avi")) as container:
        as_decoded = [frame.pts for frame in container.decode(video=0)]
        assert as_decoded != sorted(as_decoded)
    with FilmReader(tmp_path / "x.avi") as reader:
        times = [part.frame.time for part in reader if part.frame is not None]
        assert reader.missing is None
    assert times == pytest.approx(np.arange(30) / 25, abs=1e-3)


def test_a_name_is_no_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_film(tmp_path / "x.mp4", pictures(2)).rename("concat:12:30.mp4")
    with FilmReader("concat:12:30.mp4") as reader:
        assert len(list(reader)) == 2
