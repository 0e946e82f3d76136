import subprocess
import sys
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
    done = publish(tmp_path / "epoch_3.pth", tmp_path / "out/small.pth")
    assert done.returncode == 0, done.stderr
    small = torch.load(tmp_path / "out/small.pth", weights_only=True)
    assert small.keys() == {"state_dict", "meta"}
    assert torch.equal(small["state_dict"]["generator.weight"], weights["generator.weight"])
    assert small["meta"]["epoch"] == 3
    assert (tmp_path / "out/small.pth").stat().st_size < 5000


def test_a_file_without_weights_is_refused(tmp_path):
    torch.save(dict(other=1), tmp_path / "other.pth")
    done = publish(tmp_path / "other.pth", tmp_path / "small.pth")
    assert done.returncode == 1
    assert "not a checkpoint of a training" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "small.pth").exists()
    assert "There is no checkpoint" in publish(tmp_path / "none.pth", tmp_path / "small.pth").stderr
