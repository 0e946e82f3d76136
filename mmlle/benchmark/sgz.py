from importlib import import_module
from unittest import mock

from mmengine.config import ConfigDict
from torch import Tensor

from mmlle.utils.errors import UserError

from .original import Original, importing_from

__all__ = ["SGZOriginal"]


class SGZOriginal(Original[Tensor]):
    """SGZ: its own ``Trainer`` and the loop of its own ``train()``, which gets batches of ours.

    Two things are replaced: the list of its training images, and the ImageNet weights that it would download,
    by random ones. Neither changes the cost of a step.
    """

    method = "sgz"
    repository = "ShenZheng2000/Semantic-Guided-Low-Light-Image-Enhancement"
    modules = ("train.py", "Myloss.py", "modeling/model.py", "modeling/fpn.py")

    def build(self, model: ConfigDict) -> None:
        """Make its trainer; ``scale_factor`` and ``conv_type`` come from our config."""
        self.scale = model.generator.get("scale_factor", 1)
        options = [f"--scale_factor={self.scale}", f"--conv_type={model.generator.get('conv_type', 'dsc')}"]
        with importing_from(self.folder, options):
            fpn = import_module("modeling.fpn")
            dataloader = import_module("dataloader")
            train = import_module("train")
            with (
                mock.patch.object(fpn, "resnet50", return_value=fpn.resnet50(pretrained=False)),
                mock.patch.object(dataloader, "lowlight_loader", return_value=["no image"]),
            ):
                self.trainer = train.Trainer()
        self.trainer.num_epochs = 1
        self.network = self.trainer.net
        self.segmentor = self.trainer.seg

    def train_step(self, images: Tensor) -> None:
        """Run its ``train()`` over one batch."""
        self.trainer.train_loader = [images]
        self.trainer.train()

    def losses(self, images: Tensor) -> dict[str, Tensor]:
        """Apply its losses with its segmentor's batch normalisation in eval mode, as it is in ours.

        Its training leaves the frozen segmentor in training mode, where the loss depends on the statistics of
        the batch, and the statistics for later drift.
        """
        trainer = self.trainer
        trainer.seg.eval()
        enhanced, maps = trainer.net(images)
        losses = dict(
            loss_spatial=trainer.L_spa(enhanced, images).mean(),
            loss_color=5 * trainer.L_color(enhanced).mean(),
            loss_exposure=10 * trainer.L_exp(enhanced, trainer.E).mean(),
            loss_smoothness=1600 * trainer.L_TV(maps),
            loss_semantic=0.1 * trainer.get_seg_loss(enhanced),
            loss=trainer.get_loss(maps, enhanced, images, trainer.E),
        )
        trainer.seg.train()
        return losses

    def enhance(self, images: Tensor) -> Tensor:
        """Run its network.

        Raises:
            UserError: If the sides are no multiples of its scale factor, to which it would crop the image.
        """
        height, width = images.shape[-2:]
        if height % self.scale or width % self.scale:
            raise UserError(
                f"The original takes sides that are multiples of its scale factor {self.scale}, not "
                f"{height}x{width}; choose another --size."
            )
        return self.network(images)[0]
