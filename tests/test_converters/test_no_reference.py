import pytest

from mmlle.converters import no_reference
from mmlle.converters.no_reference import prepare_no_reference
from mmlle.utils.errors import UserError

from .pictures import files_below, save_picture


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(no_reference, "EXPECTED", {"DICM": (3, 2), "LIME": (1,), "VV": (2,)})


@pytest.fixture
def source(tmp_path):
    """Two sets, one of them in lower case and below another folder."""
    root = tmp_path / "test_data"
    for number in (1, 2):
        save_picture(root / f"DICM/{number:02d}.jpg", number)
    save_picture(root / "deeper/lime/1.bmp", 3)
    save_picture(root / "teaser.png")
    return root


@pytest.mark.parametrize("packed", [False, True])
def test_each_set_lands_in_a_folder_of_its_own(tmp_path, source, zip_folder, packed):
    out = tmp_path / "data"
    save_picture(out / "other/1.png")
    report = prepare_no_reference([zip_folder(source) if packed else source], out)
    assert report == (
        "DICM: 2 photographs; the collections known have 3 or 2\n"
        "LIME: 1 photographs; the collections known have 1"
    )
    assert files_below(out) == {"DICM/01.jpg", "DICM/02.jpg", "LIME/1.bmp", "other/1.png"}
    assert (out / "LIME/1.bmp").read_bytes() == (source / "deeper/lime/1.bmp").read_bytes()


def test_an_archive_of_a_set_is_known_by_its_name(tmp_path, zip_folder):
    for number in (1, 2):
        save_picture(tmp_path / f"VV/P{number}.jpg", number)
    prepare_no_reference([zip_folder(tmp_path / "VV")], tmp_path / "data")
    assert files_below(tmp_path / "data") == {"VV/P1.jpg", "VV/P2.jpg"}


def test_another_number_and_a_broken_one_are_named(tmp_path, source):
    (source / "DICM/02.jpg").write_bytes(b"no image")
    with pytest.raises(UserError) as caught:
        prepare_no_reference([source], tmp_path / "data")
    assert "DICM: 1 photographs; the collections known have 3 or 2" in str(caught.value)
    assert "  02.jpg: cannot be decoded (not an image)" in str(caught.value)
    assert "--allow-incomplete" in str(caught.value)
    assert not (tmp_path / "data").exists()
    prepare_no_reference([source], tmp_path / "data", allow_incomplete=True, link=True)
    assert files_below(tmp_path / "data") == {"DICM/01.jpg", "LIME/1.bmp"}
    assert (tmp_path / "data/DICM/01.jpg").is_symlink()


def test_targets_that_are_taken(tmp_path, source):
    save_picture(tmp_path / "data/LIME/mine.png")
    with pytest.raises(UserError, match="LIME exists and is not empty.*--overwrite"):
        prepare_no_reference([source], tmp_path / "data")
    assert files_below(tmp_path / "data") == {"LIME/mine.png"}
    prepare_no_reference([source], tmp_path / "data", overwrite=True)
    assert files_below(tmp_path / "data") == {"DICM/01.jpg", "DICM/02.jpg", "LIME/1.bmp"}


def test_the_same_name_twice_and_none_at_all(tmp_path, source):
    save_picture(source / "copy/DICM/01.jpg")
    with pytest.raises(UserError, match=r"DICM/01\.jpg is there twice"):
        prepare_no_reference([source], tmp_path / "data")
    save_picture(tmp_path / "holiday/1.png")
    with pytest.raises(UserError, match="no photographs of DICM, LIME, VV in .*holiday"):
        prepare_no_reference([tmp_path / "holiday"], tmp_path / "data")
