import torch

from mmlle.utils.checkpoint_io import write_checkpoint
from mmlle.version import __version__


def test_what_is_written_can_be_loaded_safely(tmp_path):
    path = tmp_path / "new/weights.pth"
    write_checkpoint(path, {"a": torch.ones(2)}, {"epoch": 3})
    loaded = torch.load(path, weights_only=True)
    assert torch.equal(loaded["state_dict"]["a"], torch.ones(2))
    assert loaded["meta"] == {"epoch": 3, "mmlle_version": __version__}
