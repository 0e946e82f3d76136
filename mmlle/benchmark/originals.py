"""The code of methods' authors, to be measured beside ours.

Nothing of it is part of this package: it is imported from the user's clone of the authors' repository when a
measurement runs. Another method needs a class here that says how its original is built and trained.

The originals name their modules ``model`` or ``utils``, read options from the command line at import, and
choose their device by themselves: a GPU if there is one. Python's import system forgets afterwards what is
imported here, so that it clashes with nothing.
"""

import io
import os
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import torch
from mmengine.config import ConfigDict
from torch import Tensor, nn

from mmlle.utils.errors import UserError

__all__ = [
    "ORIGINALS",
    "EnlightenGANOriginal",
    "Original",
    "PairLIEOriginal",
    "SGZOriginal",
    "ZeroDCEOriginal",
]


class Original(ABC):
    """An original's network, training step and inference.

    Args:
        folder: Where the code is, a clone of :attr:`repository`.
        model: Our config of the model, with whose settings the original is built.

    Attributes:
        gradient_tolerance: How much the norm of the gradient may differ from ours, relative.
        repository: Where the code comes from, on GitHub.
        modules: Files that make sure that the folder is such a clone, relative to it.
        converter: The method's name in tools/model_converters/official_to_mmlle.py.
        network: The network, its weights by the original's names.
        segmentor: The network that guides the training, if there is one.
    """

    gradient_tolerance: float = 1e-5
    repository: str
    modules: tuple[str, ...]
    converter: str
    network: nn.Module
    segmentor: nn.Module | None = None

    def __init__(self, folder: Path, model: ConfigDict) -> None:
        missing = [name for name in self.modules if not (folder / name).is_file()]
        if missing:
            raise UserError(
                f"{folder} has no {missing[0]}; --original takes the folder of that file in a clone of "
                f"https://github.com/{self.repository}."
            )
        self.folder = folder
        self.build(model)

    @abstractmethod
    def build(self, model: ConfigDict) -> None:
        """Make the network and whatever training needs."""

    @abstractmethod
    def train_step(self, images: Tensor | dict[str, Tensor]) -> None:
        """Train on a batch once, as the original does.

        Args:
            images: (N, 3, H, W), RGB in [0, 1]; by the names of our config where a sample holds several.
        """

    @abstractmethod
    def losses(self, images: Tensor | dict[str, Tensor]) -> dict[str, Tensor]:
        """Losses of a batch by the names in our model, weighted; and all together as ``loss``."""

    @abstractmethod
    def enhance(self, images: Tensor) -> Tensor:
        """Enhance (N, 3, H, W), RGB in [0, 1]."""

    def share(self, model: nn.Module) -> None:  # noqa: B027  (most have nothing to share)
        """Give our model the weights of what is in the training beside the network, if there is anything."""


class SGZOriginal(Original):
    """SGZ: its own ``Trainer`` and the loop of its own ``train()``, which gets batches of ours.

    Two things are replaced: the list of its training images, and the ImageNet weights that it would download,
    by random ones. Neither changes the cost of a step.
    """

    repository = "ShenZheng2000/Semantic-Guided-Low-Light-Image-Enhancement"
    modules = ("train.py", "Myloss.py", "modeling/model.py", "modeling/fpn.py")
    converter = "sgz"

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


class ZeroDCEOriginal(Original):
    """Zero-DCE: its network and losses, in the step that its ``train()`` makes.

    It asks for a GPU everywhere; without one, its ``cuda()`` calls leave tensors where they are.
    """

    repository = "Li-Chongyi/Zero-DCE"
    modules = ("model.py", "Myloss.py")
    converter = "zero_dce"

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

    def train_step(self, images: Tensor) -> None:
        """Step as its ``train()`` does; that function cannot be called for a single batch."""
        loss = self.losses(images)["loss"]
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 0.1)
        self.optimizer.step()

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


class PairLIEOriginal(Original):
    """PairLIE: its network and losses, in the step that its ``train()`` makes.

    It asks for a GPU everywhere; without one, its ``cuda()`` calls leave tensors where they are.
    """

    repository = "zhenqifu/PairLIE"
    modules = ("net/net.py", "utils.py")
    converter = "pairlie"

    def build(self, model: ConfigDict) -> None:
        """Make its network and optimiser; ``gamma`` comes from our config."""
        self.gamma = model.gamma
        with importing_from(self.folder, []), without_gpu():
            self.parts = import_module("utils")
            self.network = import_module("net.net").net().cuda()
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=1e-4, betas=(0.9, 0.999), eps=1e-8)

    def train_step(self, images: dict[str, Tensor]) -> None:
        """Step as its ``train()`` does; that function cannot be called for a single batch."""
        loss = self.losses(images)["loss"]
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        loss.item()

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


class EnlightenGANOriginal(Original):
    """EnlightenGAN: its own ``SingleModel`` with the options of its script, which gets batches of ours.

    The ImageNet weights of its VGG are replaced by random ones, which does not change the cost of a step. It
    cannot be built without a GPU; where there is none, it is led to believe that there is one.
    """

    repository = "VITA-Group/EnlightenGAN"
    modules = ("models/single_model.py", "models/networks.py", "options/train_options.py")
    converter = "enlightengan"
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
        luma = (images["darkened"] * images["darkened"].new_tensor([0.299, 0.587, 0.114]).view(3, 1, 1)).sum(
            1
        )
        self.model.set_input(
            dict(
                A=scaled["img"],
                B=scaled["normal"],
                input_img=scaled["darkened"],
                A_gray=1 - luma[:, None],
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
        luma = (images * images.new_tensor([0.299, 0.587, 0.114]).view(3, 1, 1)).sum(1, keepdim=True)
        enhanced, _ = self.network.eval()(2 * images - 1, 1 - luma)
        self.network.train()
        return (enhanced + 1) / 2

    def share(self, model: nn.Module) -> None:
        """Give our model its discriminators and its VGG: the same layers in the same order."""
        pairs = [
            (self.model.netD_A, model.discriminator.global_network),
            (self.model.netD_P, model.discriminator.local_network),
            (self.model.vgg, model.feature_loss.features.network.network),
        ]
        with torch.no_grad():
            for theirs, ours in pairs:
                for source, target in zip(theirs.parameters(), ours.parameters(), strict=False):
                    target.copy_(source)


#: By the type of the model in our config.
ORIGINALS: dict[str, type[Original]] = {
    "EnlightenGAN": EnlightenGANOriginal,
    "PairLIE": PairLIEOriginal,
    "SGZ": SGZOriginal,
    "ZeroDCE": ZeroDCEOriginal,
}


@contextmanager
def importing_from(folder: Path, options: list[str]) -> Iterator[None]:
    """Import a repository's modules, and forget them.

    Args:
        folder: Where the modules lie.
        options: Command line that they read when they are imported.
    """
    names = {path.stem for path in folder.iterdir()}
    has_gpu = torch.cuda.is_available()

    def forget() -> dict[str, object]:
        mine = [name for name in sys.modules if name.partition(".")[0] in names]
        return {name: sys.modules.pop(name) for name in mine}

    others = forget()
    try:
        with (
            mock.patch.object(sys, "path", [str(folder), *sys.path]),
            mock.patch.object(sys, "argv", ["original", *options]),
            # Some set CUDA_VISIBLE_DEVICES, and would bring back a GPU that was hidden from this process.
            mock.patch.dict(os.environ),
            mock.patch.object(torch.cuda, "is_available", return_value=has_gpu),
        ):
            yield
    finally:
        forget()
        sys.modules.update(others)


@contextmanager
def without_gpu() -> Iterator[None]:
    """Let ``cuda()`` do nothing where there is no GPU."""
    if torch.cuda.is_available():
        yield
        return
    with (
        mock.patch.object(Tensor, "cuda", lambda tensor: tensor),
        mock.patch.object(nn.Module, "cuda", lambda module: module),
    ):
        yield


@contextmanager
def pretended_gpu() -> Iterator[None]:
    """Let what asks for the first GPU have the CPU, where there is no GPU."""
    if torch.cuda.is_available():
        yield
        return
    with (
        mock.patch.object(torch.cuda, "is_available", return_value=True),
        mock.patch.object(torch.cuda, "set_device"),
        mock.patch.object(torch.cuda, "FloatTensor", torch.FloatTensor),
        mock.patch.object(nn, "DataParallel", lambda module, ids: module),
        mock.patch.object(nn.Module, "cuda", lambda module, device=None: module),
    ):
        yield
