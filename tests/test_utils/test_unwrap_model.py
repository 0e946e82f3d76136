import torch
from mmengine.registry import MODEL_WRAPPERS

from mmlle.utils.unwrap_model import unwrap_model


class Wrapper(torch.nn.Module):
    def __init__(self, module):
        super().__init__()
        self.module = module


def test_a_wrapper_is_taken_off_and_anything_else_left(monkeypatch):
    monkeypatch.setitem(MODEL_WRAPPERS._module_dict, "Wrapper", Wrapper)
    network = torch.nn.Linear(1, 1)
    assert unwrap_model(Wrapper(network)) is network
    assert unwrap_model(network) is network
