from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.registry import DefaultScope

from mmlle.models import BaseEnhancer
from mmlle.registry import MODELS
from mmlle.utils.checkpoint_io import load_weights
from mmlle.utils.errors import UserError
from mmlle.zoo import config_path, weights_path

__all__ = ["TorchBackend"]


class TorchBackend:
    """A model in PyTorch: the backend for training's own weights, and for GPUs.

    Args:
        model: Short name of a model, or a config file.
        weights: Checkpoint file or URL. None for the weights that are shipped with the package.
        device: Where to compute. None for a GPU if there is one, else the CPU.
        scale: By how much the image is reduced for the network; see
            :class:`mmlle.apis.inferencer.LowLightInferencer`.

    Attributes:
        config: The config.
        checkpoint: The file or URL of the weights.
        model: The model, in eval mode.
        scale: By how much it enlarges.
        look: Settings of the look that the config carries.

    Raises:
        UserError: If there is no such device, the model is unknown, no weights are shipped for it, or the
            weights do not fit; or if the model is given a scale and estimates no curve.
    """

    def __init__(
        self,
        model: str | Path,
        weights: str | Path | None = None,
        device: str | None = None,
        scale: float = 1,
    ) -> None:
        self.device = find_device(device)
        self.config = Config.fromfile(config_path(model))
        self.checkpoint = weights_path(model) if weights is None else weights
        with DefaultScope.overwrite_default_scope(self.config.get("default_scope", "mmlle")):
            self.model = MODELS.build(without_training(self.config.model))
        if scale != 1:
            reduce_by(self.model, scale, model)
        load_weights(self.model, self.checkpoint, f"the model {str(model)!r}")
        self.model.to(self.device).eval()
        self.scale: int = self.model.scale
        self.look: dict[str, Any] = dict(self.config.get("look", {}))

    @torch.inference_mode()
    def enhance_batch(self, images: np.ndarray, strengths: np.ndarray) -> np.ndarray:
        """Enhance images; see :meth:`mmlle.apis.backend.Backend.enhance_batch`."""
        # A field of strengths is looked at nowhere: that would cost a pass over the photograph.
        as_trained = strengths.shape == (len(images), 1, 1, 1) and (strengths == 1).all()
        strength = None if as_trained else torch.from_numpy(strengths).to(self.device)
        rgb = torch.from_numpy(images).to(self.device)
        preprocessor = self.model.data_preprocessor
        if getattr(preprocessor, "is_plain", False):  # without copies of large images
            enhanced = self.model(rgb, mode="tensor", strength=strength)
            return enhanced.float().clamp_(0, 1).cpu().numpy()
        from mmagic.structures import DataSample

        rgb = rgb.expand(len(strengths), -1, -1, -1)
        samples = [DataSample(metainfo=dict(img_channel_order="BGR")) for _ in rgb]
        batch = preprocessor(dict(inputs=list(255 * rgb.flip(1)), data_samples=samples))
        enhanced = self.model(batch["inputs"], mode="tensor", strength=strength)
        bgr = preprocessor.destruct(enhanced, batch["data_samples"], "img")  # 0-255
        return bgr.flip(1).float().cpu().numpy() / 255


def find_device(name: str | None) -> torch.device:
    """Find a device by its name; None for a GPU if there is one, else the CPU.

    Raises:
        UserError: If there is none of that name.
    """
    try:
        device = torch.device(name or get_device())
        torch.empty(1, device=device)
    except (AssertionError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise UserError(f"Cannot compute on {name!r}: {reason}. Name another device, such as cpu.") from error
    return device


def without_training(model: dict) -> dict:
    """Give the config of a model without what only training needs, which takes memory and time."""
    kind = model["type"]
    parts = getattr(MODELS.get(kind) if isinstance(kind, str) else kind, "training_only", ())
    return {name: None if name in parts else value for name, value in model.items()}


def reduce_by(model: BaseEnhancer, scale: float, name: str | Path) -> None:
    """Let the network of a model see images reduced by a factor.

    Raises:
        UserError: If the model is none that estimates a curve.
    """
    if not hasattr(model.generator, "scale_factor"):
        raise UserError(
            f"scale is for methods that estimate a curve, SGZ and Zero-DCE; {str(name)!r} is none."
        )
    model.generator.scale_factor = scale
