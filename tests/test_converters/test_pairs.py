from dataclasses import replace

import pytest

from mmlle.converters import pairs
from mmlle.converters.pairs import PAIRED_SETS, prepare_pairs
from mmlle.utils.errors import UserError

from .pictures import files_below, save_picture

LOL = PAIRED_SETS["LOL"]


@pytest.fixture
def few_pairs(monkeypatch):
    """Expect few pairs, so that made-up sets are small: 4 for training, 2 for testing."""
    for name, paired_set in PAIRED_SETS.items():
        parts = tuple(
            replace(part, count=2 if part.folder.endswith(("eval15", "test")) else 4, names=part.names[:2])
            for part in paired_set.parts
        )
        monkeypatch.setitem(PAIRED_SETS, name, replace(paired_set, parts=parts))


@pytest.fixture
def source(tmp_path, few_pairs):
    """A set of 4 and 2 pairs, below two more folders."""
    root = tmp_path / "download" / "LOLdataset"
    for part in LOL.parts:
        for number in (2, 5, 6, 10) if part.folder == "our485" else (1, 22):
            for side in ("low", "high"):
                save_picture(root / part.folder / side / f"{number}.png", seed=number)
    return root.parent


def prepare_lol(source, out, **options):
    return prepare_pairs("LOL", [source], out, **options)


def test_the_expected_numbers_are_the_published_ones():
    counts = {name: [part.count for part in found.parts] for name, found in PAIRED_SETS.items()}
    assert counts == dict(LOL=[485, 15], LOL_v2=[689, 100, 900, 100], LSRW=[2450, 30, 3150, 20])
    assert len(set(LOL.parts[1].names)) == 15


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


@pytest.mark.parametrize("packed", [False, True])
def test_lol_v2_is_paired_by_number_and_gets_common_names(tmp_path, few_pairs, zip_folder, packed):
    root = tmp_path / "LOL-v2"
    for split, numbers in (("Train", range(1, 5)), ("Test", range(690, 692))):
        for number in numbers:
            save_picture(root / f"Real_captured/{split}/Low/low{number:05d}.png", number)
            save_picture(root / f"Real_captured/{split}/Normal/normal{number:05d}.png", number + 1)
            for side in ("Low", "Normal"):
                save_picture(root / f"Synthetic/{split}/{side}/r{number:07x}t.png", number)
    out = tmp_path / "data/LOL_v2"
    prepare_pairs("LOL_v2", [zip_folder(root) if packed else root], out)
    assert files_below(out) == {
        f"{kind}/{split}/{side}/{name}.png"
        for split, numbers in (("train", range(1, 5)), ("test", range(690, 692)))
        for number in numbers
        for kind, name in (("real", f"{number:05d}"), ("synthetic", f"r{number:07x}t"))
        for side in ("low", "high")
    }
    assert (out / "real/test/high/00691.png").read_bytes() == (
        root / "Real_captured/Test/Normal/normal00691.png"
    ).read_bytes()


@pytest.mark.parametrize("form", ["one folder", "two folders", "archives"])
def test_lsrw_comes_in_two_archives(tmp_path, few_pairs, zip_folder, form):
    root = tmp_path / "LSRW"
    for split, numbers in (("Training data", range(1001, 1005)), ("Eval", range(3001, 3003))):
        for camera in ("Huawei", "Nikon"):
            for number in numbers:
                for side in ("low", "high"):
                    save_picture(root / split / camera / side / f"{number}.jpg", number)
    parts = [root / "Training data", root / "Eval"]
    sources = {"one folder": [root], "two folders": parts, "archives": [zip_folder(part) for part in parts]}
    out = tmp_path / "data/LSRW"
    report = prepare_pairs("LSRW", sources[form], out)
    assert "nikon/test: 2 complete pairs, 2 expected (2 low, 2 high found)" in report
    assert len(files_below(out)) == 2 * 2 * (4 + 2)
    assert (out / "huawei/train/low/1004.jpg").read_bytes() == (
        root / "Training data/Huawei/low/1004.jpg"
    ).read_bytes()
    assert files_below(out / "nikon/test") == {f"{s}/{n}.jpg" for s in ("low", "high") for n in (3001, 3002)}


def test_one_camera_alone_needs_allow_incomplete(tmp_path, few_pairs):
    for number in (1, 2):
        for side in ("low", "high"):
            save_picture(tmp_path / f"LSRW/Eval/Huawei/{side}/{number}.jpg", number)
    with pytest.raises(UserError, match="nikon/test: 0 complete pairs, 2 expected"):
        prepare_pairs("LSRW", [tmp_path / "LSRW"], tmp_path / "data")
    prepare_pairs("LSRW", [tmp_path / "LSRW"], tmp_path / "data", allow_incomplete=True)
    assert len(files_below(tmp_path / "data/huawei/test")) == 4


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
    with pytest.raises(UserError, match="our485/low/2.png is there twice: .*LOLdataset/.* and .*copy/"):
        prepare_lol(source, tmp_path / "LOL")


def test_no_usable_pair_is_an_error_even_when_incomplete_is_allowed(tmp_path, few_pairs):
    save_picture(tmp_path / "src/our485/low/1.png")
    with pytest.raises(UserError, match="no complete pair"):
        prepare_lol(tmp_path / "src", tmp_path / "LOL", allow_incomplete=True)
    assert not (tmp_path / "LOL").exists()


@pytest.mark.parametrize("picture", [None, "train/low/1.png"])
@pytest.mark.parametrize(
    ("name", "folder"), [("LOL", "our485/low"), ("LOL_v2", "real_captured/train/normal")]
)
def test_a_folder_of_something_else_is_refused(tmp_path, picture, name, folder):
    src = tmp_path / "src"
    src.mkdir()
    if picture:
        save_picture(src / picture)
    with pytest.raises(UserError, match=f"looked for .*{folder}") as caught:
        prepare_pairs(name, [src], tmp_path / "out")
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


def test_each_set_has_places_of_its_own():
    for paired_set in pairs.PAIRED_SETS.values():
        places = [place for part in paired_set.parts for place in (part.low, part.high)]
        assert len(set(places)) == len(places)
        assert all(place == place.lower() for place in places)
