import pytest
import torch
from torch import nn

from mmlle.models.archs import build_segmentor, load_segmentor_weights
from mmlle.models.utils import WeightsError
from mmlle.testing import tiny_segmentor

OPTION = r"--cfg-options model\.semantic_loss\.weights=.*None for random guidance"


@pytest.fixture(scope="module")
def trained():
    return build_segmentor(tiny_segmentor(), seed=5)


@pytest.fixture
def network():
    return build_segmentor(tiny_segmentor(), seed=6)


def same(one, other):
    return all(torch.equal(value, other[name]) for name, value in one.items())


def test_it_gives_logits_at_a_quarter_of_the_resolution(network):
    assert network.eval()(torch.rand(2, 3, 32, 48)).shape == (2, 5, 8, 12)


def test_weights_depend_on_the_seed_alone(trained):
    torch.manual_seed(99)
    before = torch.get_rng_state()
    again = build_segmentor(tiny_segmentor(), seed=5)
    assert torch.equal(torch.get_rng_state(), before)
    assert same(trained.state_dict(), again.state_dict())
    other = build_segmentor(tiny_segmentor(), seed=6)
    assert not same(trained.state_dict(), other.state_dict())


def test_synchronised_normalisation_is_replaced_by_the_plain_one():
    config = tiny_segmentor()
    config["backbone"]["norm_cfg"] = config["decode_head"]["norm_cfg"] = dict(type="SyncBN")
    network = build_segmentor(config, seed=0)
    assert not any(isinstance(m, nn.SyncBatchNorm) for m in network.modules())
    assert network.eval()(torch.rand(1, 3, 32, 32)).isfinite().all()


@pytest.mark.parametrize("wrap", [lambda state: state, lambda state: dict(state_dict=state, meta={})])
def test_a_file_of_the_whole_network(trained, network, tmp_path, wrap):
    # Training leaves more in a file than the guidance needs.
    state = {**trained.state_dict(), "auxiliary_head.weight": torch.zeros(1)}
    torch.save(wrap(state), tmp_path / "whole.pth")
    load_segmentor_weights(network, str(tmp_path / "whole.pth"))
    assert same(network.state_dict(), trained.state_dict())


def test_a_file_of_the_backbone_alone(trained, network, tmp_path):
    head = {name: value.clone() for name, value in network.decode_head.state_dict().items()}
    state = {**trained.backbone.state_dict(), "fc.weight": torch.zeros(10, 64)}
    torch.save(state, tmp_path / "backbone.pth")
    load_segmentor_weights(network, str(tmp_path / "backbone.pth"))
    assert same(network.backbone.state_dict(), trained.backbone.state_dict())
    assert same(network.decode_head.state_dict(), head)


def test_a_whole_file_that_lacks_something(trained, network, tmp_path):
    state = trained.state_dict()
    del state["decode_head.conv_seg.bias"]
    torch.save(state, tmp_path / "part.pth")
    with pytest.raises(
        WeightsError, match=rf"lacks 1 of its \d+ weights, 'decode_head.conv_seg.bias'.*{OPTION}"
    ):
        load_segmentor_weights(network, str(tmp_path / "part.pth"))


def test_weights_of_something_else(network, tmp_path):
    torch.save({"conv1.weight": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(WeightsError, match=rf"other\.pth.* lacks .*'stem\.0\.weight'.*{OPTION}"):
        load_segmentor_weights(network, str(tmp_path / "other.pth"))


def test_another_number_of_classes(trained, tmp_path):
    torch.save(trained.state_dict(), tmp_path / "five.pth")
    with pytest.raises(WeightsError, match=rf"(?s)five\.pth.* does not fit.*conv_seg\.weight.*{OPTION}"):
        load_segmentor_weights(build_segmentor(tiny_segmentor(num_classes=7), 0), str(tmp_path / "five.pth"))


def test_a_file_without_weights(network, tmp_path):
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(WeightsError, match=rf"list\.pth.* no weights.*{OPTION}"):
        load_segmentor_weights(network, str(tmp_path / "list.pth"))


def test_no_checkpoint_at_all(network, tmp_path):
    (tmp_path / "text.pth").write_text("not a checkpoint")
    with pytest.raises(WeightsError, match=rf"text\.pth.*{OPTION}"):
        load_segmentor_weights(network, str(tmp_path / "text.pth"))


def test_no_such_file(network, tmp_path):
    with pytest.raises(WeightsError, match=rf"gone\.pth.*{OPTION}"):
        load_segmentor_weights(network, str(tmp_path / "gone.pth"))
