import pytest

from mmlle.converters.lol import EVAL15_NAMES, EXPECTED_PAIRS, prepare_lol
from mmlle.utils.errors import UserError

from .pictures import files_below, save_picture

LAYOUT = [f"{split}/{side}" for split in EXPECTED_PAIRS for side in ("low", "high")]


@pytest.fixture
def few_pairs(monkeypatch):
    """Expect 4 and 2 pairs, so that a made-up set is small."""
    monkeypatch.setitem(EXPECTED_PAIRS, "our485", 4)
    monkeypatch.setitem(EXPECTED_PAIRS, "eval15", 2)


@pytest.fixture
def source(tmp_path, few_pairs):
    """A set of 4 and 2 pairs, below two more folders."""
    root = tmp_path / "download" / "LOLdataset"
    for folder in LAYOUT:
        numbers = (2, 5, 6, 10) if folder.startswith("our485") else (1, 22)
        for number in numbers:
            save_picture(root / folder / f"{number}.png", seed=number)
    return root.parent


def test_the_expected_set_is_lol_v1():
    assert EXPECTED_PAIRS == {"our485": 485, "eval15": 15}
    assert len(set(EVAL15_NAMES)) == 15


@pytest.mark.parametrize("packed", [False, True])
def test_whole_set_lands_in_the_layout_byte_for_byte(tmp_path, source, zip_folder, packed):
    out = tmp_path / "data" / "LOL"
    report = prepare_lol(zip_folder(source) if packed else source, out)
    assert "our485: 4 complete pairs, 4 expected (4 low, 4 high found)" in report
    assert "eval15: 2 complete pairs, 2 expected (2 low, 2 high found)" in report
    assert files_below(out) == files_below(source / "LOLdataset")
    assert len(files_below(out)) == 12
    for name in files_below(out):
        assert (out / name).read_bytes() == (source / "LOLdataset" / name).read_bytes()


def test_link_makes_links(tmp_path, source, zip_folder):
    out = tmp_path / "LOL"
    prepare_lol(source, out, link=True)
    link = out / "eval15" / "low" / "22.png"
    assert link.is_symlink()
    assert link.resolve() == (source / "LOLdataset/eval15/low/22.png").resolve()
    with pytest.raises(UserError, match="--link needs a folder"):
        prepare_lol(zip_folder(source), tmp_path / "other", link=True)


@pytest.fixture
def damaged(source):
    """Four faults, one of each kind; one training and one test pair are left whole."""
    root = source / "LOLdataset"
    (root / "our485/high/2.png").unlink()
    broken = root / "our485/low/5.png"
    broken.write_bytes(broken.read_bytes()[:-40])
    save_picture(root / "our485/high/6.png", width=8, height=12)
    for side in ("low", "high"):
        (root / "eval15" / side / "22.png").unlink()
    return source


def test_every_fault_is_named_and_nothing_is_written(tmp_path, damaged):
    before = files_below(tmp_path)
    with pytest.raises(UserError) as caught:
        prepare_lol(damaged, tmp_path / "data" / "LOL")
    message = str(caught.value)
    assert "our485: 1 complete pairs, 4 expected (4 low, 3 high found)" in message
    assert "  2.png: missing in high" in message
    assert "  5.png: low cannot be decoded" in message
    assert "  6.png: sizes differ (low 12x8, high 8x12)" in message
    assert "eval15: 1 complete pairs, 2 expected (1 low, 1 high found)" in message
    assert "  22.png: missing in low and high" in message
    assert "--allow-incomplete" in message
    assert files_below(tmp_path) == before
    assert not (tmp_path / "data").exists()


def test_allow_incomplete_takes_the_complete_pairs_and_says_so(tmp_path, damaged):
    out = tmp_path / "LOL"
    report = prepare_lol(damaged, out, allow_incomplete=True)
    assert "5.png: low cannot be decoded" in report
    assert report.endswith("incomplete: only the complete pairs were taken")
    assert files_below(out) == {
        "our485/low/10.png", "our485/high/10.png", "eval15/low/1.png", "eval15/high/1.png",
    }  # fmt: skip


def test_too_many_pairs_are_no_lol_v1(tmp_path, source):
    for side in ("low", "high"):
        save_picture(source / "LOLdataset" / "eval15" / side / "23.png")
    with pytest.raises(UserError, match="eval15: 3 complete pairs, 2 expected"):
        prepare_lol(source, tmp_path / "LOL")


def test_the_same_set_twice_is_refused(tmp_path, source):
    save_picture(source / "copy/our485/low/2.png")
    with pytest.raises(UserError, match="our485/low/2.png twice: LOLdataset/.* and copy/"):
        prepare_lol(source, tmp_path / "LOL")


def test_no_usable_pair_is_an_error_even_when_incomplete_is_allowed(tmp_path, few_pairs):
    save_picture(tmp_path / "src/our485/low/1.png")
    with pytest.raises(UserError, match="no complete pair"):
        prepare_lol(tmp_path / "src", tmp_path / "LOL", allow_incomplete=True)
    assert not (tmp_path / "LOL").exists()


@pytest.mark.parametrize("picture", [None, "train/low/1.png"])
def test_a_folder_of_something_else_is_refused(tmp_path, picture):
    src = tmp_path / "src"
    src.mkdir()
    if picture:
        save_picture(src / picture)
    with pytest.raises(UserError, match="looked for our485/low") as caught:
        prepare_lol(src, tmp_path / "LOL")
    assert f"found {1 if picture else 0} images elsewhere" in str(caught.value)
    assert (picture or "") in str(caught.value)


def test_existing_target_needs_overwrite(tmp_path, source):
    out = tmp_path / "LOL"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="--overwrite"):
        prepare_lol(source, out)
    assert files_below(out) == {"mine.txt"}
    prepare_lol(source, out, overwrite=True)
    assert len(files_below(out)) == 12
