import numpy as np
import pytest
from PIL import Image

from mmlle.converters.unpaired import prepare_unpaired
from mmlle.utils.errors import UserError

from .pictures import files_below


def grey(path, level, size=(6, 4)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((*size, 3), level, np.uint8)).save(path)


@pytest.fixture
def source(tmp_path):
    """Two scenes of several exposures, as SICE's are."""
    root = tmp_path / "photographs"
    for number, level in enumerate([10, 15, 40, 60, 80, 99, 100, 160, 161], 1):
        grey(root / f"1/{number}.png", level)
    grey(root / "2/1.png", 30)
    return root


@pytest.mark.parametrize("packed", [False, True])
def test_images_are_sorted_by_their_luma_and_keep_their_paths(tmp_path, source, zip_folder, packed):
    out = tmp_path / "data/unpaired"
    report = prepare_unpaired(zip_folder(source) if packed else source, out)
    prefix = "photographs/" if packed else ""
    low, normal = ["1/2.png", "1/3.png", "1/4.png", "2/1.png"], ["1/7.png", "1/8.png"]
    assert files_below(out / "low") == {prefix + name for name in low}
    assert files_below(out / "normal") == {prefix + name for name in normal}
    for folder, names in (("low", low), ("normal", normal)):
        for name in names:
            assert (out / folder / prefix / name).read_bytes() == (source / name).read_bytes()
    assert "low: 4 images of luma 15 to 60" in report
    assert "normal: 2 images of luma 100 to 160" in report
    assert "neither: 4, broken: 0" in report
    assert "Only 2 for normal, which is few for a training" in report


def test_other_ranges(tmp_path, source):
    prepare_unpaired(source, tmp_path / "out", low=(0, 12), normal=(161, 255))
    assert files_below(tmp_path / "out") == {"low/1/1.png", "normal/1/9.png"}


def test_links(tmp_path, source):
    prepare_unpaired(source, tmp_path / "out", link=True)
    link = tmp_path / "out/low/1/2.png"
    assert link.is_symlink()
    assert link.resolve() == (source / "1/2.png").resolve()


def test_broken_images_are_left_out_and_named(tmp_path, source):
    (source / "1/3.png").write_bytes(b"no image")
    report = prepare_unpaired(source, tmp_path / "out")
    assert "broken: 1\n1/3.png: cannot be decoded" in report
    assert "low/1/3.png" not in files_below(tmp_path / "out")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(low=(15, 120)), r"--low 15 120 must be below --normal 100 160"),
        (dict(low=(60, 15)), r"--low 60 15 must be below"),
        (dict(normal=(200, 255)), r"(?s)not both dark and well-lit.*normal: 0 images of luma 200 to 255"),
    ],
)
def test_what_cannot_be_done_leaves_nothing_behind(tmp_path, source, options, message):
    with pytest.raises(UserError, match=message):
        prepare_unpaired(source, tmp_path / "deep/out", **options)
    assert not (tmp_path / "deep").exists()


def test_an_archive_is_not_linked_to(tmp_path, source, zip_folder):
    with pytest.raises(UserError, match="--link needs a folder"):
        prepare_unpaired(zip_folder(source), tmp_path / "out", link=True)
