import sys
from pathlib import Path

import pytest
from mmengine.config import Config

from mmlle.utils.errors import UserError

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tools" / "analysis_tools"))

import print_config  # noqa: E402

CONFIG = str(ROOT / "configs" / "sgz" / "sgz_sice.py")


def test_text_is_the_whole_config(capsys, tmp_path):
    out = tmp_path / "new" / "config.py"
    print_config.main([CONFIG, "--cfg-options", "model.steps=4", "--out", str(out)])
    assert "data_root='data/SICE'" in capsys.readouterr().out
    expected = Config.fromfile(CONFIG)
    expected.model.steps = 4
    written = Config.fromfile(out)
    assert written.to_dict() == expected.to_dict()
    assert "_base_" not in out.read_text()


def test_options_replace_and_add(capsys):
    print_config.main([CONFIG, "--cfg-options", "model.semantic_loss=None", "extra.key=[1,2]"])
    printed = Config.fromstring(capsys.readouterr().out, ".py")
    assert printed.model.semantic_loss is None
    assert printed.extra.key == [1, 2]


def test_a_missing_config_is_named():
    with pytest.raises(UserError, match=r"no config absent\.py"):
        print_config.main(["absent.py"])


def test_config_is_required(capsys):
    with pytest.raises(SystemExit):
        print_config.main([])
    assert "config" in capsys.readouterr().err
