import functools

import pytest
import torch
from torch import nn

from mmlle.models.utils import WeightsError
from mmlle.models.utils.guide_weights import fill_with_weights, read_weights


@pytest.fixture
def network():
    return nn.Linear(2, 1)


def fill(network, weights):
    fill_with_weights(network, weights, "file.pth", "guide", "Ask for another.")


@pytest.mark.parametrize("wrapped", [False, True])
def test_weights_are_read_with_or_without_a_checkpoint_around_them(tmp_path, wrapped):
    weights = {"weight": torch.ones(1, 2)}
    torch.save({"state_dict": weights} if wrapped else weights, tmp_path / "file.pth")
    assert read_weights(str(tmp_path / "file.pth"), "guide", "")["weight"].tolist() == [[1, 1]]


def test_a_file_of_something_else_is_refused(tmp_path):
    torch.save([1, 2], tmp_path / "file.pth")
    with pytest.raises(WeightsError, match=r"guide's weights .*file\.pth.*holds no weights.* Ask"):
        read_weights(str(tmp_path / "file.pth"), "guide", "Ask for another.")


def test_code_in_a_file_is_refused(tmp_path):
    torch.save({"weight": functools.partial(print)}, tmp_path / "file.pth")
    with pytest.raises(WeightsError, match=r"guide's weights .*'functools\.partial'.* Ask"):
        read_weights(str(tmp_path / "file.pth"), "guide", "Ask for another.")


def test_an_error_of_the_program_comes_out_as_what_it_is(tmp_path, monkeypatch):
    def broken(*arguments, **settings):
        raise TypeError("a fault")

    torch.save({"weight": torch.ones(1, 2)}, tmp_path / "file.pth")
    monkeypatch.setattr(torch, "load", broken)
    with pytest.raises(TypeError, match="a fault"):
        read_weights(str(tmp_path / "file.pth"), "guide", "Ask for another.")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(WeightsError, match=r"guide's weights .*gone\.pth.* could not be loaded.* Ask"):
        read_weights(str(tmp_path / "gone.pth"), "guide", "Ask for another.")


def test_what_the_network_lacks_is_ignored(network):
    fill(network, {"weight": torch.ones(1, 2), "bias": torch.ones(1), "deeper": torch.ones(3)})
    assert network(torch.ones(1, 2)).item() == 3


def test_missing_weights_are_counted_and_named(network):
    with pytest.raises(WeightsError, match=r"'file.pth' does not fit .* lacks 1 of its 2 .*'bias'"):
        fill(network, {"weight": torch.ones(1, 2)})


def test_weights_of_another_shape(network):
    with pytest.raises(WeightsError, match=r"(?s)does not fit the guide: .*weight.* Ask for another"):
        fill(network, {"weight": torch.ones(5, 2), "bias": torch.ones(1)})
