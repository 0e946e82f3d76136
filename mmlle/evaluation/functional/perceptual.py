import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.device import get_device

from mmlle.utils.checkpoint_io import CheckpointError, read_checkpoint
from mmlle.utils.errors import OptionError, UndefinedMeasureError, UserError

__all__ = ["LPIPSDistance"]

#: The networks: the shortest side that leaves their last features a pixel, and torchvision's file.
_NETWORKS = {
    "alex": (31, "alexnet-owt-7be5be79.pth"),
    "vgg": (16, "vgg16-397923af.pth"),
    "squeeze": (17, "squeezenet1_1-b8a52dc0.pth"),
}


class LPIPSDistance:
    """Learned perceptual image patch similarity (Zhang et al., CVPR 2018), version 0.1; lower is better.

    Computed by the authors' package ``lpips``. Nothing is downloaded: the weights of the network come from a
    file.

    Args:
        backbone_weights: File of torchvision's ImageNet weights of the network: ``alexnet-owt-7be5be79.pth``,
            ``vgg16-397923af.pth`` or ``squeezenet1_1-b8a52dc0.pth``.
        net: ``'alex'``, which most papers measure with, ``'vgg'`` or ``'squeeze'``. Their values do not
            compare.
        weights: File of the linear layers; None for the one in the package.

    Raises:
        OptionError: If ``net`` is none of these.
        UserError: If the package or a file is missing, or a file does not fit.
    """

    def __init__(
        self, backbone_weights: str | Path, net: str = "alex", weights: str | Path | None = None
    ) -> None:
        if net not in _NETWORKS:
            raise OptionError(f"net of LPIPS must be one of {', '.join(_NETWORKS)}, got {net!r}.")
        try:
            import lpips
        except ImportError as error:
            raise UserError("LPIPS needs the package lpips: pip install lpips.") from error
        self._least_side, file = _NETWORKS[net]
        with warnings.catch_warnings():  # it names torchvision's weights by an old argument
            warnings.simplefilter("ignore", UserWarning)
            network = lpips.LPIPS(net=net, pretrained=False, pnet_rand=True, verbose=False)
        source = f"https://download.pytorch.org/models/{file}"
        backbone = _read(backbone_weights, "backbone_weights", f"torchvision's file, {source}")
        # Its slices keep the numbers that the layers have in torchvision: slice2.3.weight, features.3.weight.
        _load(
            network.net,
            {name: backbone.get(f"features.{name.partition('.')[2]}") for name in network.net.state_dict()},
            backbone_weights,
            f"net={net!r}, whose weights are in {source}",
        )
        if weights is None:
            weights = Path(lpips.__file__).parent / f"weights/v0.1/{net}.pth"
        linear = _read(weights, "weights", "the package's weights/v0.1 has such files")
        names = [name for name in network.state_dict() if re.match(r"lin\d", name)]
        _load(network, {name: linear.get(name) for name in names}, weights, f"the layers of net={net!r}")
        self._network: Any = network.eval().to(get_device())

    @torch.inference_mode()
    def __call__(self, image: np.ndarray, truth: np.ndarray) -> float:
        """Compare two images.

        Args:
            image: (H, W, 3) in [0, 255], uint8 or float, BGR.
            truth: Same shape.

        Returns:
            At least 0, and 0 for equal images.

        Raises:
            UndefinedMeasureError: If the images are so small that no features are left.
        """
        if min(image.shape[:2]) < self._least_side:
            raise UndefinedMeasureError(
                f"the network of LPIPS needs {self._least_side} px a side, and the image is "
                f"{image.shape[0]}x{image.shape[1]} (height x width)"
            )
        device = next(self._network.parameters()).device
        tensors = (
            torch.from_numpy(picture[..., ::-1] / np.float32(127.5) - 1).permute(2, 0, 1)[None].float()
            for picture in (image, truth)
        )
        return float(self._network(*(tensor.to(device) for tensor in tensors)))


def _read(path: str | Path, option: str, where: str) -> dict[str, torch.Tensor]:
    """Read a local file of weights."""
    if not Path(path).is_file():
        raise UserError(
            f"LPIPS: there is no file {path} for {option} (looked for from {Path.cwd()}). Nothing is "
            f"downloaded; {where}."
        )
    try:
        return read_checkpoint(path)["state_dict"]
    except CheckpointError as error:
        raise UserError(f"LPIPS: {option}: {error}") from error


def _load(module: torch.nn.Module, state: dict[str, Any], path: str | Path, what: str) -> None:
    """Give a module the named weights."""
    own = module.state_dict()
    unfit = [name for name, value in state.items() if value is None or value.shape != own[name].shape]
    if unfit:
        raise UserError(
            f"LPIPS: {path} does not fit {what}: {len(unfit)} of {len(state)} weights are missing or of "
            "another shape."
        )
    module.load_state_dict(own | state)
