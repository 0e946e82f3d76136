import json
from pathlib import Path

import pytest

from mmlle.utils.errors import UserError
from mmlle.zoo.index import render_index, render_model_index

ROOT = Path(__file__).resolve().parents[2]

SHIPPED = """
Models:
  - Name: toy_big
    Config: configs/toy/toy_big.py
    Metadata: {Training Data: SICE}
  - Name: toy_small
    Config: configs/toy/toy_small.py
    Metadata: {Short Name: toy, Task: enhancement, Parameters: 12, Licence: academic use}
    Results: [{Task: enhancement, Dataset: LOL, Metrics: {PSNR: 13.5}}]
    Weights: mmlle/zoo/toy_small_20260102-01234567.pth
"""
NOT_SHIPPED = """
Models:
  - Name: other
    Config: configs/other/other.py
    Metadata: {Short Name: other, Task: enhancement, Parameters: 345}
"""


@pytest.fixture
def configs(tmp_path):
    """A folder of configs of two methods, one with weights."""
    for name, text in dict(toy=SHIPPED, other=NOT_SHIPPED).items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "metafile.yml").write_text(text)
    return tmp_path


def test_the_index_and_the_list_of_metafiles_are_those_of_the_metafiles():
    """If not: python tools/model_converters/update_zoo_index.py."""
    assert (ROOT / "mmlle/zoo/index.json").read_text() == render_index(ROOT / "configs")
    assert (ROOT / "model-index.yml").read_text() == render_model_index(ROOT / "configs")


def test_models_with_a_short_name_are_in_the_index(configs):
    weights = "toy_small_20260102-01234567.pth"
    assert json.loads(render_index(configs)) == dict(
        other=dict(
            config="other/other.py",
            task="enhancement",
            parameters=345,
            weights=None,
            licence=None,
            results={},
        ),
        toy=dict(
            config="toy/toy_small.py",
            task="enhancement",
            parameters=12,
            weights=weights,
            licence="academic use",
            results=dict(LOL=dict(PSNR=13.5)),
        ),
    )


def test_weights_at_an_address_are_the_same_file(configs):
    before = render_index(configs)
    text = SHIPPED.replace("mmlle/zoo", "https://example.org/mmlle/zoo")
    (configs / "toy/metafile.yml").write_text(text)
    assert render_index(configs) == before


def test_all_metafiles_are_listed(configs):
    listed = "Import:\n  - configs/other/metafile.yml\n  - configs/toy/metafile.yml\n"
    assert render_model_index(configs) == listed


def test_one_short_name_for_two_models_is_refused(configs):
    (configs / "other/metafile.yml").write_text(NOT_SHIPPED.replace("Short Name: other", "Short Name: toy"))
    with pytest.raises(UserError, match=r"toy/metafile\.yml.*\btoy of toy_small"):
        render_index(configs)


def test_weights_without_a_licence_are_refused(configs):
    (configs / "toy/metafile.yml").write_text(SHIPPED.replace(", Licence: academic use", ""))
    with pytest.raises(UserError, match="toy_small has weights; add the licence"):
        render_index(configs)


@pytest.mark.parametrize("name", ["Task", "Parameters"])
def test_a_short_name_without_what_is_listed_is_refused(configs, name):
    (configs / "other/metafile.yml").write_text(NOT_SHIPPED.replace(name, "Else"))
    with pytest.raises(UserError, match=rf"other has a short name; add {name} to its Metadata"):
        render_index(configs)


def test_the_numbers_of_parameters_are_those_of_the_networks():
    from mmengine.config import Config
    from mmengine.registry import DefaultScope

    from mmlle.registry import MODELS
    from mmlle.zoo import list_models

    for name, model in list_models().items():
        generator = Config.fromfile(ROOT / "configs" / model["config"]).model.generator
        with DefaultScope.overwrite_default_scope("mmlle"):
            network = MODELS.build(generator)
        assert sum(p.numel() for p in network.parameters()) == model["parameters"], name
