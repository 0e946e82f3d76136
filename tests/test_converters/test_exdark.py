import pytest

from mmlle.converters import exdark
from mmlle.converters.exdark import Entry, prepare_exdark, read_class_list
from mmlle.utils.errors import UserError

from .pictures import files_below, save_picture

LIST = """Name | Class | Light | In/Out | Train/Val/Test
2015_00001.png 1 2 1 1
2015_00002.JPG 1 6 2 3
2015_00653.jpg 2 10 2 2
"""


def test_the_expected_numbers_are_the_published_ones():
    assert len(exdark.EXPECTED) == 12
    assert sum(exdark.EXPECTED.values()) == 7363


@pytest.fixture
def source(tmp_path, monkeypatch):
    """Three photographs of two classes, the ending of one in another case than in the list."""
    monkeypatch.setattr(exdark, "EXPECTED", {"Bicycle": 2, "Boat": 1})
    root = tmp_path / "ExDark"
    for name in ("Bicycle/2015_00001.png", "Bicycle/2015_00002.jpg", "Boat/2015_00653.jpg"):
        save_picture(root / name, len(name))
    (tmp_path / "imageclasslist.txt").write_text(LIST)
    return root


@pytest.mark.parametrize("packed", [False, True])
def test_it_is_split_as_its_list_says(tmp_path, source, zip_folder, packed):
    out = tmp_path / "data/ExDark"
    report = prepare_exdark(
        zip_folder(source) if packed else source, tmp_path / "imageclasslist.txt", out
    ).splitlines()
    assert report == [
        "Bicycle: 2 photographs, 2 expected",
        "Boat: 1 photographs, 1 expected",
        "train: 1, val: 1, test: 1",
    ]
    photographs = {"train/Bicycle/2015_00001.png", "test/Bicycle/2015_00002.jpg", "val/Boat/2015_00653.jpg"}
    assert files_below(out) == photographs | {"train.txt", "val.txt", "test.txt"}
    assert (out / "val.txt").read_text() == "Boat/2015_00653.jpg 1\n"
    assert (out / "test.txt").read_text() == "Bicycle/2015_00002.jpg 0\n"
    assert (out / "val/Boat/2015_00653.jpg").read_bytes() == (source / "Boat/2015_00653.jpg").read_bytes()


def test_what_is_missing_or_broken_is_named(tmp_path, source):
    (source / "Boat/2015_00653.jpg").unlink()
    (source / "Bicycle/2015_00001.png").write_bytes(b"no image")
    arguments = source, tmp_path / "imageclasslist.txt", tmp_path / "data"
    with pytest.raises(UserError) as caught:
        prepare_exdark(*arguments)
    assert "  2015_00653.jpg: missing" in str(caught.value)
    assert "  2015_00001.png: cannot be decoded (not an image)" in str(caught.value)
    assert not (tmp_path / "data").exists()
    prepare_exdark(*arguments, allow_incomplete=True, link=True)
    assert (tmp_path / "data/test/Bicycle/2015_00002.jpg").is_symlink()
    assert (tmp_path / "data/train.txt").read_text() == ""


def test_something_else(tmp_path, source):
    save_picture(tmp_path / "other/Sofa/1.png")
    with pytest.raises(UserError, match="no photographs of ExDark in .*other"):
        prepare_exdark(tmp_path / "other", tmp_path / "imageclasslist.txt", tmp_path / "data")
    save_picture(source / "copy/Boat/2015_00653.png")
    with pytest.raises(UserError, match="Boat/2015_00653 twice"):
        prepare_exdark(source, tmp_path / "imageclasslist.txt", tmp_path / "data")


def test_the_list(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text(LIST)
    assert read_class_list(path)[1:] == [
        Entry("2015_00002.JPG", "Bicycle", "test"),
        Entry("2015_00653.jpg", "Boat", "val"),
    ]
    with pytest.raises(UserError, match=r"gone\.txt does not exist.*imageclasslist\.txt"):
        read_class_list(tmp_path / "gone.txt")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2015.png 1 2", "Line 2 .*four numbers"),
        ("2015.png 1 2 x 1", "Line 2 .*four numbers"),
        ("2015.png 13 1 1 1", "class 13 and part 1; there are 12 classes"),
        ("2015.png 1 1 1 4", "class 1 and part 4"),
    ],
)
def test_a_line_of_something_else(tmp_path, line, message):
    (tmp_path / "list.txt").write_text(f"heading\n{line}\n")
    with pytest.raises(UserError, match=message):
        read_class_list(tmp_path / "list.txt")
