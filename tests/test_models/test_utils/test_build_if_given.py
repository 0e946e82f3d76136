from mmlle.models import HighlightLoss
from mmlle.models.utils.build_if_given import build_if_given


def test_a_part_with_further_arguments_or_none():
    config = dict(type="HighlightLoss", loss_weight=3)
    loss = build_if_given(config, white=0.8)
    assert isinstance(loss, HighlightLoss)
    assert (loss.loss_weight, loss.white) == (3, 0.8)
    assert config == dict(type="HighlightLoss", loss_weight=3)
    assert build_if_given(None, white=0.8) is None
