from importlib import import_module

import torch
from mmengine.config import ConfigDict
from torch import Tensor

from .original import Original, importing_from, without_gpu

__all__ = ["PairLIEOriginal"]


class PairLIEOriginal(Original[dict[str, Tensor]]):
    """PairLIE: its network and losses, in the step that its ``train()`` makes.

    It asks for a GPU everywhere; without one, its ``cuda()`` calls leave tensors where they are.
    """

    method = "pairlie"
    repository = "zhenqifu/PairLIE"
    modules = ("net/net.py", "utils.py")
    # With the authors' weights, float32 norms were up to 2.4e-6 (the original's) and 1.3e-5 (ours) away from
    # that of the original in float64.
    gradient_tolerance = 1e-4

    def build(self, model: ConfigDict) -> None:
        """Make its network and optimiser; ``gamma`` comes from our config."""
        self.gamma = model.gamma
        with importing_from(self.folder, []), without_gpu():
            self.parts = import_module("utils")
            self.network = import_module("net.net").net().cuda()
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=1e-4, betas=(0.9, 0.999), eps=1e-8)

    def losses(self, images: dict[str, Tensor]) -> dict[str, Tensor]:
        """Apply its losses."""
        first, second = images["img"], images["img2"]
        illumination, reflectance, denoised = self.network(first)
        _, other_reflectance, _ = self.network(second)
        losses = dict(
            loss_consistency=self.parts.C_loss(reflectance, other_reflectance),
            loss_retinex=self.parts.R_loss(illumination, reflectance, first, denoised),
            loss_projection=500 * self.parts.P_loss(first, denoised),
        )
        return dict(losses, loss=sum(losses.values()))

    def enhance(self, images: Tensor) -> Tensor:
        """Run its network, as its ``eval.py`` does."""
        illumination, reflectance, _ = self.network(images)
        return torch.pow(illumination, self.gamma) * reflectance
