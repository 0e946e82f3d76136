import hashlib
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import torch
from mmengine.logging import HistoryBuffer

import mmlle.registry  # noqa: F401  (it lets a HistoryBuffer be saved as the runner does)

SCRIPT = Path(__file__).resolve().parents[3] / "tools/model_converters/publish_model.py"


def publish(*arguments):
    return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True)


def test_weights_stay_and_the_rest_goes(tmp_path):
    weights = {"generator.weight": torch.arange(6.0).view(2, 3)}
    torch.save(
        dict(
            state_dict=weights,
            optimizer=dict(state=torch.zeros(10**5)),
            message_hub=dict(log_scalars=dict(loss=HistoryBuffer([1.0], [1]))),
            meta=dict(epoch=3, iter=30, seed=0, cfg="x" * 10**5),
        ),
        tmp_path / "epoch_3.pth",
    )
    (tmp_path / "toy_sice.py").touch()
    done = publish(
        tmp_path / "epoch_3.pth", "--config", tmp_path / "toy_sice.py", "--out-dir", tmp_path / "out"
    )
    assert done.returncode == 0, done.stderr
    (file,) = (tmp_path / "out").iterdir()
    assert done.stdout.splitlines()[-1].startswith(f"{file}: ")
    stem, day, digest = re.fullmatch(r"(.+)_(\d{8})-([0-9a-f]{8})\.pth", file.name).groups()
    assert stem == "toy_sice"
    assert abs(datetime.strptime(day, "%Y%m%d") - datetime.now()) < timedelta(days=2)
    assert hashlib.sha256(file.read_bytes()).hexdigest().startswith(digest)
    small = torch.load(file, weights_only=True)
    assert small.keys() == {"state_dict", "meta"}
    assert torch.equal(small["state_dict"]["generator.weight"], weights["generator.weight"])
    assert small["meta"]["epoch"] == 3
    assert file.stat().st_size < 5000


def test_a_file_without_weights_is_refused(tmp_path):
    torch.save(dict(other=1), tmp_path / "other.pth")
    (tmp_path / "toy.py").touch()
    options = ["--config", tmp_path / "toy.py", "--out-dir", tmp_path / "out"]
    done = publish(tmp_path / "other.pth", *options)
    assert done.returncode == 1
    assert "not a checkpoint of a training" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "out").exists()
    assert "There is no checkpoint" in publish(tmp_path / "none.pth", *options).stderr
    options[1] = tmp_path / "none.py"
    assert "There is no config" in publish(tmp_path / "other.pth", *options).stderr
