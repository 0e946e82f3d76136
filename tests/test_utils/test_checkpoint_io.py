import torch

from mmlle.utils.checkpoint_io import write_checkpoint
from mmlle.version import __version__


def test_what_is_written_can_be_loaded_safely(tmp_path):
    path = tmp_path / "new/weights.pth"
    write_checkpoint(path, {"a": torch.ones(2)}, {"epoch": 3})
    loaded = torch.load(path, weights_only=True)
    assert torch.equal(loaded["state_dict"]["a"], torch.ones(2))
    assert loaded["meta"] == {"epoch": 3, "mmlle_version": __version__}


def test_denormals_are_written_as_zeros_and_the_weights_given_stay(tmp_path):
    weight = torch.tensor([1e-40, 1.0])
    write_checkpoint(tmp_path / "weights.pth", {"a": weight}, {})
    assert torch.load(tmp_path / "weights.pth", weights_only=True)["state_dict"]["a"].tolist() == [0, 1]
    assert weight[0] != 0
