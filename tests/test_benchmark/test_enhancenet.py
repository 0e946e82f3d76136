import pytest
import torch

from mmlle.utils.errors import UserError


def test_weights_by_tensorflows_names(build):
    original = build("enhancenet")
    weights = original.weights()
    assert list(weights)[:3] == [
        "generator/Conv/weights",
        "generator/Conv/biases",
        "generator/Conv_1/weights",
    ]
    original.load_weights({name: torch.full_like(weight, 2) for name, weight in weights.items()})
    assert all((weight == 2).all() for weight in original.network.state_dict().values())


def test_there_is_no_training(build, images):
    with pytest.raises(UserError, match="--mode inference"):
        build("enhancenet").train_step(images("img"))
