import sys
from pathlib import Path

import numpy as np
import pytest

from mmlle.media.image_io import list_images, read_image, write_image
from mmlle.testing import dark_image
from mmlle.utils.errors import UserError

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tools" / "analysis_tools"))

import browse_dataset  # noqa: E402

CONFIG = """
default_scope = "mmlle"
val_dataloader = dict(
    batch_size=1, num_workers=0, sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="LowLightDataset", data_root="data", data_prefix=dict(img="low"), test_mode=True,
        pipeline=[
            dict(type="LoadImage", key="img"),
            dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
        ],
    ),
)
"""


@pytest.fixture
def config(tmp_path, monkeypatch):
    """A config that reads three images, relative to the working directory."""
    monkeypatch.chdir(tmp_path)
    for index in range(3):
        write_image(f"data/low/scene/{index}.png", dark_image(12, 16, seed=index))
    (tmp_path / "config.py").write_text(CONFIG)
    return "config.py"


def test_pictures_have_the_names_of_the_samples(config, capsys):
    browse_dataset.main([config, "--split", "val", "--num", "2"])
    assert list_images("outputs/browse/config/val") == ["scene/0.png", "scene/1.png"]
    picture = read_image("outputs/browse/config/val/scene/1.png")
    np.testing.assert_array_equal(picture, dark_image(12, 16, seed=1))
    printed = capsys.readouterr()
    assert "2/2" in printed.err
    assert printed.out == "2 pictures in outputs/browse/config/val\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--split", "train"], "has no train_dataloader"),
        (["--split", "val", "--num", "0"], "at least 1"),
        (
            ["--split", "val", "--cfg-options", "val_dataloader.dataset.data_root=absent"],
            "absent",
        ),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(config, options, message):
    with pytest.raises(UserError, match=message):
        browse_dataset.main([config, *options])
    assert not Path("outputs").exists()
