from importlib import import_module
from types import SimpleNamespace

import torch
from mmengine.config import ConfigDict
from torch import Tensor

from .original import Original, importing_from, without_gpu

__all__ = ["ZeroDCEOriginal"]


class ZeroDCEOriginal(Original[Tensor]):
    """Zero-DCE: its network and losses, in the step that its ``train()`` makes.

    It asks for a GPU everywhere; without one, its ``cuda()`` calls leave tensors where they are.
    """

    method = "zero_dce"
    repository = "Li-Chongyi/Zero-DCE"
    modules = ("model.py", "Myloss.py")
    max_grad_norm = 0.1

    def build(self, model: ConfigDict) -> None:
        """Make its network, losses and optimiser; it has no options that our config could set."""
        with importing_from(self.folder, []), without_gpu():
            losses = import_module("Myloss")
            self.network = import_module("model").enhance_net_nopool().cuda()
            self.parts = SimpleNamespace(
                spatial=losses.L_spa(),
                color=losses.L_color(),
                exposure=losses.L_exp(16, 0.6),
                smoothness=losses.L_TV(),
            )
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=1e-4, weight_decay=1e-4)

    def losses(self, images: Tensor) -> dict[str, Tensor]:
        """Apply its losses."""
        with without_gpu():
            _, enhanced, maps = self.network(images)
            losses = dict(
                loss_spatial=self.parts.spatial(enhanced, images).mean(),
                loss_color=5 * self.parts.color(enhanced).mean(),
                loss_exposure=10 * self.parts.exposure(enhanced).mean(),
                loss_smoothness=200 * self.parts.smoothness(maps),
            )
        return dict(losses, loss=sum(losses.values()))

    def enhance(self, images: Tensor) -> Tensor:
        """Run its network."""
        return self.network(images)[1]
