import pytest

from mmlle.registry import MODELS
from mmlle.testing import (
    tiny_enhancenet,
    tiny_enhancenet_pat,
    tiny_enlightengan,
    tiny_global_curve,
    tiny_pairlie,
    tiny_sgz,
    tiny_zero_dce,
)


@pytest.mark.parametrize(
    "config",
    [
        tiny_enhancenet,
        tiny_enhancenet_pat,
        tiny_enlightengan,
        tiny_global_curve,
        tiny_pairlie,
        tiny_sgz,
        tiny_zero_dce,
    ],
)
def test_they_are_tiny(config):
    model = MODELS.build(config())
    assert sum(parameter.numel() for parameter in model.parameters()) < 40_000
