import pytest
from mmengine.config import Config
from workspace import ROOT

from mmlle.apis.schedule_check import doubtful_schedules

CONFIGS = sorted(path for path in (ROOT / "configs").rglob("*.py") if "_base_" not in path.parts)


@pytest.mark.parametrize(
    ("schedule", "loop", "doubt"),
    [
        (
            "dict(type='CosineAnnealingLR', T_max=2)",
            "dict(max_epochs=30)",
            "has 30: it rises again. Set",
        ),
        ("dict(a=[dict(type='CosineAnnealingLR', T_max=9)])", "dict(max_epochs=3)", "it does not get there"),
        ("dict(type='CosineAnnealingLR', T_max=9)", "dict(max_epochs=9)", None),
        ("dict(type='CosineAnnealingLR', T_max=9, by_epoch=False)", "dict(max_epochs=3)", None),
        ("[dict(type='CosineAnnealingLR', T_max=2, begin=1)]", "dict(max_epochs=3)", None),
        ("dict(type='LinearLR', start_factor=0.1)", "dict(max_epochs=3)", None),
        ("None", "None", None),
    ],
)
def test_a_cosine_of_another_length_than_the_training_is_named(schedule, loop, doubt):
    doubts = list(doubtful_schedules(eval(schedule), eval(loop)))
    assert len(doubts) == (doubt is not None)
    assert all(doubt in each for each in doubts)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_no_config_has_one(path):
    config = Config.fromfile(path)
    assert not list(doubtful_schedules(config.get("param_scheduler"), config.get("train_cfg")))
