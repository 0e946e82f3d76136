import sys
from pathlib import Path

import pytest
import torch

from mmlle.utils.errors import UserError

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools" / "model_converters"))

import publish_model  # noqa: E402


def test_the_file_is_named(tmp_path, capsys):
    torch.save(dict(state_dict=dict(weight=torch.ones(2)), meta=dict(epoch=3)), tmp_path / "epoch_3.pth")
    (tmp_path / "toy.py").write_text('model = dict(type="mmlle.SGZ")')
    options = ["--config", str(tmp_path / "toy.py"), "--out-dir", str(tmp_path / "out")]
    publish_model.main([str(tmp_path / "epoch_3.pth"), *options])
    (file,) = (tmp_path / "out").iterdir()
    assert file.name.startswith("toy_")
    assert capsys.readouterr().out.endswith(f"{file}: {file.stat().st_size:,} bytes\n")


def test_what_is_wrong_is_said(tmp_path):
    with pytest.raises(UserError, match="no checkpoint"):
        publish_model.main([str(tmp_path / "none.pth"), "--config", "toy.py", "--out-dir", str(tmp_path)])
