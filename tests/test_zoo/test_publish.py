import hashlib
import json
import re
from datetime import datetime, timedelta

import pytest
import torch
from mmengine.logging import HistoryBuffer

import mmlle.registry  # noqa: F401  (it lets a HistoryBuffer be saved as the runner does)
from mmlle.utils.errors import UserError
from mmlle.zoo.publish import publish


@pytest.fixture
def config(tmp_path):
    (tmp_path / "toy_sice.py").write_text('model = dict(type="mmlle.EnlightenGAN")')
    return tmp_path / "toy_sice.py"


def test_weights_stay_and_the_rest_goes(config, tmp_path):
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
    file = publish(tmp_path / "epoch_3.pth", config, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == [file]
    stem, day, digest = re.fullmatch(r"(.+)_(\d{8})-([0-9a-f]{8})\.pth", file.name).groups()
    assert stem == "toy_sice"
    assert abs(datetime.strptime(day, "%Y%m%d") - datetime.now()) < timedelta(days=2)
    assert hashlib.sha256(file.read_bytes()).hexdigest().startswith(digest)
    small = torch.load(file, weights_only=True)
    assert small.keys() == {"state_dict", "meta"}
    assert torch.equal(small["state_dict"]["generator.weight"], weights["generator.weight"])
    assert small["meta"]["epoch"] == 3
    assert file.stat().st_size < 5000


def test_discriminators_go_and_layers_are_halved_where_that_is_asked_for(config, tmp_path):
    weights = {
        "generator.conv.weight": torch.rand(2, 3, 3, 3),
        "generator.norm.running_var": torch.rand(2),
        "generator.norm.num_batches_tracked": torch.tensor(7),
        "discriminator.conv.weight": torch.rand(2, 3, 3, 3),
    }
    torch.save(dict(state_dict=weights), tmp_path / "epoch_1.pth")
    small = torch.load(publish(tmp_path / "epoch_1.pth", config, tmp_path, half=True), weights_only=True)
    small = small["state_dict"]
    assert list(small) == [name for name in weights if name.startswith("generator")]
    assert small["generator.conv.weight"].dtype == torch.half
    torch.testing.assert_close(
        small["generator.conv.weight"].float(), weights["generator.conv.weight"], atol=1e-3, rtol=0
    )
    assert torch.equal(small["generator.norm.running_var"], weights["generator.norm.running_var"])


def test_the_log_of_a_training_that_was_resumed(config, tmp_path):
    torch.save(dict(state_dict=dict(a=torch.ones(1)), meta=dict(seed=3)), tmp_path / "epoch_3.pth")
    runs = {
        "20260101_000000": [
            dict(loss=0.123456789, time=60.0, epoch=1, iter=10, step=10),
            dict(PSNR=10.0, time=5.0, step=1),
            dict(loss=0.2, time=60.0, epoch=2, iter=20, step=20),
            dict(PSNR=9.0, time=5.0, step=2),
        ],
        "20260102_000000": [
            dict(loss=0.3, time=120.0, epoch=2, iter=20, step=20),
            dict(PSNR=11.0, time=5.0, step=2),
        ],
        "20260103_000000": [],
    }
    for run, rows in runs.items():
        (tmp_path / run / "vis_data").mkdir(parents=True)
        (tmp_path / run / "vis_data/scalars.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    file = publish(tmp_path / "epoch_3.pth", config, tmp_path / "out", work_dir=tmp_path)
    log = json.loads(file.with_suffix(".json").read_text())
    assert (log["config"], log["seed"], log["hours"]) == ("toy_sice.py", 3, 0.5)
    assert [row.get("loss", row.get("PSNR")) for row in log["scalars"]] == [0.12346, 10.0, 0.3, 11.0]


def test_what_cannot_be_published_is_refused(config, tmp_path):
    torch.save(dict(other=1), tmp_path / "other.pth")
    for checkpoint, of, message in [
        ("other.pth", config, "not a checkpoint of a training"),
        ("none.pth", config, "no checkpoint .*none.pth"),
        ("other.pth", tmp_path / "none.py", "no config .*none.py"),
    ]:
        with pytest.raises(UserError, match=message):
            publish(tmp_path / checkpoint, of, tmp_path / "out")
    torch.save(dict(state_dict=dict(a=torch.ones(1))), tmp_path / "epoch_1.pth")
    with pytest.raises(UserError, match=r"no log of a training in .*scalars\.json"):
        publish(tmp_path / "epoch_1.pth", config, tmp_path / "out", work_dir=tmp_path)
    assert not (tmp_path / "out").exists()
