import io
import tempfile
from contextlib import redirect_stdout
from importlib import import_module
from unittest import mock

import torch
from mmengine.config import ConfigDict
from torch import Tensor, nn

from .original import Original, importing_from, pretended_gpu

__all__ = ["EnlightenGANOriginal"]


class EnlightenGANOriginal(Original[dict[str, Tensor]]):
    """EnlightenGAN: its own ``SingleModel`` with the options of its script, which gets batches of ours.

    The ImageNet weights of its VGG are replaced by random ones, which does not change the cost of a step. It
    cannot be built without a GPU; where there is none, it is led to believe that there is one.
    """

    method = "enlightengan"
    repository = "VITA-Group/EnlightenGAN"
    modules = ("models/single_model.py", "models/networks.py", "options/train_options.py")
    # On both sides float32 is that far from float64, in which they agree to 4e-8: the gradient passes through
    # instance normalisations of maps that are almost constant.
    gradient_tolerance = 0.02

    #: What its scripts/script.py trains with, in the order of its options.
    OPTIONS = (
        "--dataroot . --no_dropout --name enlightening --model single --dataset_mode unaligned "
        "--which_model_netG sid_unet_resize --which_model_netD no_norm_4 --patchD --patch_vgg --patchD_3 5 "
        "--n_layers_D 5 --n_layers_patchD 4 --fineSize 320 --patchSize 32 --skip 1 --batchSize 1 "
        "--self_attention --use_norm 1 --use_wgan 0 --use_ragan --hybrid_loss --times_residual "
        "--instance_norm 0 --vgg 1 --vgg_choose relu5_1 --gpu_ids 0 --checkpoints_dir"
    )

    def build(self, model: ConfigDict) -> None:
        """Make its model; it has no options that our config could set."""
        with (
            tempfile.TemporaryDirectory() as notes,  # it writes its options down
            importing_from(self.folder, [*self.OPTIONS.split(), notes]),
        ):
            networks = import_module("models.networks")
            options = import_module("options.train_options").TrainOptions()
            self.model = import_module("models.single_model").SingleModel()
            vgg = networks.Vgg16()
            with (
                mock.patch.object(networks, "load_vgg16", return_value=vgg),
                pretended_gpu(),
                redirect_stdout(io.StringIO()),  # it prints its networks
            ):
                self.model.initialize(options.parse())
                self.model.vgg.cuda()
        self.network = self.model.netG_A

    def _set_input(self, images: dict[str, Tensor]) -> None:
        scaled = {name: 2 * image - 1 for name, image in images.items()}
        self.model.set_input(
            dict(
                A=scaled["img"],
                B=scaled["normal"],
                input_img=scaled["darkened"],
                A_gray=attention(images["darkened"]),
                A_paths=[],
                B_paths=[],
            )
        )

    def train_step(self, images: dict[str, Tensor]) -> None:
        """Run its ``optimize_parameters()``."""
        self._set_input(images)
        self.model.optimize_parameters(1)

    def losses(self, images: dict[str, Tensor]) -> dict[str, Tensor]:
        """Apply its losses; its patches are at random places, at ours only in images of 32×32 px."""
        self._set_input(images)
        self.model.forward()
        with mock.patch.object(Tensor, "backward"):
            self.model.backward_G(1)
            self.model.backward_D_A()
            self.model.backward_D_P()
        losses = dict(loss_disc_global=self.model.loss_D_A, loss_disc_local=self.model.loss_D_P)
        return dict(losses, loss=self.model.loss_G + sum(losses.values()))

    def enhance(self, images: Tensor) -> Tensor:
        """Run its network."""
        enhanced, _ = self.network.eval()(2 * images - 1, attention(images))
        self.network.train()
        return (enhanced + 1) / 2

    def share(self, model: nn.Module) -> None:
        """Give our model its discriminators and its VGG: the same layers in the same order."""
        pairs = [
            (self.model.netD_A, model.get_submodule("discriminator.global_network")),
            (self.model.netD_P, model.get_submodule("discriminator.local_network")),
            (self.model.vgg, model.get_submodule("feature_loss.features.network.network")),
        ]
        with torch.no_grad():
            for theirs, ours in pairs:
                for source, target in zip(theirs.parameters(), ours.parameters(), strict=False):
                    target.copy_(source)


def attention(images: Tensor) -> Tensor:
    """Compute its attention map (N, 1, H, W) of images (N, 3, H, W), RGB in [0, 1]: 1 - luma."""
    weights = images.new_tensor([0.299, 0.587, 0.114]).view(3, 1, 1)
    return 1 - (images * weights).sum(1, keepdim=True)
