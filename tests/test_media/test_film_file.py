import sys

import pytest

from mmlle.media.film_file import UnreadableFilmError, film_errors, film_result_suffix, import_av, is_film
from mmlle.utils.errors import UserError


def test_films_are_known_by_their_endings():
    assert is_film("a/B.MP4")
    assert is_film("x.mkv")
    assert not is_film("x.gif")
    assert not is_film("mp4")


def test_a_format_that_is_not_written_becomes_matroska():
    assert [film_result_suffix(suffix) for suffix in (".MOV", ".webm", ".avi", ".MTS")] == [
        *(".MOV", ".webm"),
        *(".mkv", ".mkv"),
    ]


def test_without_pyav_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(UserError, match='pip install "av>=17'):
        import_av()


def test_errors_of_ffmpeg_are_one_line_with_the_name():
    av = pytest.importorskip("av")
    match = r"^Cannot read the film a\\nb.mp4: No such file"
    with pytest.raises(UnreadableFilmError, match=match) as error, film_errors("a\nb.mp4"):
        av.open("/nowhere/x.mp4")
    assert "\n" not in str(error.value)
