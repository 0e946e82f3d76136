from pathlib import Path
from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin, constants
from safetensors.torch import save
from torch import nn

from mmlle.utils.checkpoint_io import load_weights
from mmlle.utils.denormals import zero_denormals
from mmlle.utils.errors import UserError, one_line
from mmlle.utils.files import write_bytes

__all__ = ["HubMixin"]


class HubMixin(PyTorchModelHubMixin):
    """Models in folders, or repositories of the Hugging Face Hub, as safetensors and a ``config.json``.

    ``model.save_pretrained(folder)`` writes one, ``SGZ.from_pretrained(folder)`` reads it; see
    huggingface_hub for their arguments. A folder that is there is read without any network.

    Examples:
        >>> model = SGZ.from_pretrained('folder')
        >>> model.save_pretrained('other')
    """

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str | Path, **options: Any) -> Any:
        """Read a model; see huggingface_hub.

        Raises:
            UserError: If there is no such folder, and it cannot be the name of a repository.
        """
        path = Path(pretrained_model_name_or_path)
        message = f"There is no folder {path} with a model that save_pretrained wrote."
        if not (path / constants.CONFIG_NAME).is_file() and (len(path.parts) != 2 or path.is_dir()):
            raise UserError(message)
        try:
            return super().from_pretrained(pretrained_model_name_or_path, **options)
        except (TypeError, ValueError) as error:  # of a model without its settings, or with damaged ones
            raise UserError(f"{message} {one_line(str(error))}") from error

    def _save_pretrained(self, save_directory: Path) -> None:
        """Write the weights, with denormal numbers set to zero, as a whole or not at all."""
        assert isinstance(self, nn.Module)
        # A file has one order of axes in memory.
        state = {
            name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
            for name, value in self.state_dict().items()
        }
        zero_denormals(state.values())
        write_bytes(save_directory / constants.SAFETENSORS_SINGLE_FILE, save(state, {"format": "pt"}))

    @classmethod
    def _load_as_safetensor(cls, model: Any, model_file: str, map_location: str, strict: bool) -> Any:
        """Read the weights; all of them must be there, whatever ``strict`` says."""
        load_weights(model, model_file)
        return model.to(map_location).eval()
