from typing import TYPE_CHECKING

import torch
from mmengine.optim import OptimWrapperDict
from torch import Tensor

from mmlle.registry import MODELS
from mmlle.utils.errors import ImageSizeError, UserError
from mmlle.utils.step_generator import step_generator
from mmlle.utils.unwrap_model import unwrap_model

from ...base_enhancer import BaseEnhancer, channels_last
from ...utils.build_if_given import build_if_given

if TYPE_CHECKING:
    from mmagic.structures import DataSample

__all__ = ["EnlightenGAN"]


@MODELS.register_module()
class EnlightenGAN(BaseEnhancer):
    """EnlightenGAN: deep light enhancement without paired supervision (Jiang et al., TIP 2021).

    A generator learns from low-light photographs and unrelated well-lit ones: two discriminators distinguish
    its output from the latter, one by whole images and one by patches, and the features of a frozen network
    keep its output close to its input.

    Trained by two optimisers, ``generator`` and ``discriminator``. The pipeline packs ``img``, low-light
    photographs, ``normal``, well-lit ones of the same size, and optionally ``darkened``, made of ``img``,
    which the generator then gets in its place (see the transform :class:`RandomDarken`). With a
    ``reconstruction_loss`` also ``darkened_normal``, made of ``normal``.

    With several processes each normalises its batches by their own statistics, as each of the original's GPUs
    does. ``model_wrapper_cfg`` of the configs broadcasts the first one's running statistics before each step,
    so that all stay in step, and a checkpoint, which the first one writes, is the state of all.

    Args:
        generator: Config of the network that enhances, (N, 3, H, W) to (N, 3, H, W).
        discriminator: Config of the :class:`DualDiscriminator`.
        global_loss: Config of the adversarial loss of whole images, :class:`RelativisticGANLoss`.
        local_loss: Config of the adversarial loss of patches, MMagic's ``GANLoss``.
        feature_loss: Config of the :class:`SelfFeaturePreservingLoss`, for images and patches.
        color_loss: Config of the :class:`ColorPreservationLoss`; None for none, as in the paper.
        highlight_loss: Config of the :class:`HighlightLoss`; None for none, as in the paper.
        exposure_loss: Config of the :class:`ExposureControlLoss`; None for none, as in the paper.
        reconstruction_loss: Config of a loss of (enhanced, truth), such as MMagic's ``L1Loss``, by which
            well-lit photographs that were darkened come back; None for none, as in the paper.
        gain: How much of what the generator adds to an image is added outside of training; 1 in the paper.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: Initialisation, see mmengine's BaseModule.
    """

    training_only = (
        "discriminator",
        "global_loss",
        "local_loss",
        "feature_loss",
        "color_loss",
        "highlight_loss",
        "exposure_loss",
        "reconstruction_loss",
    )

    def __init__(
        self,
        generator: dict,
        discriminator: dict | None,
        global_loss: dict | None,
        local_loss: dict | None,
        feature_loss: dict | None,
        color_loss: dict | None = None,
        highlight_loss: dict | None = None,
        exposure_loss: dict | None = None,
        reconstruction_loss: dict | None = None,
        gain: float = 1.0,
        data_preprocessor: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(generator, data_preprocessor, init_cfg)
        self.discriminator = build_if_given(discriminator)
        self.global_loss = build_if_given(global_loss)
        self.local_loss = build_if_given(local_loss)
        self.feature_loss = build_if_given(feature_loss)
        self.color_loss = build_if_given(color_loss)
        self.highlight_loss = build_if_given(highlight_loss)
        self.exposure_loss = build_if_given(exposure_loss)
        self.reconstruction_loss = build_if_given(reconstruction_loss)
        self.gain = gain

    def enhance(self, inputs: Tensor) -> Tensor:
        """Enhance (N, 3, H, W), RGB in [0, 1]; the same size, unclamped."""
        # Half-precision images would lose the small differences that the losses live on.
        enhanced = self.generator(inputs).float()
        return enhanced if self.training else torch.lerp(inputs.float(), enhanced, self.gain)

    def train_step(self, data: dict, optim_wrapper: OptimWrapperDict) -> dict[str, Tensor]:
        """Train the generator, then the discriminators, once each.

        Args:
            data: A batch of the data loader.
            optim_wrapper: Optimiser wrappers ``generator`` and ``discriminator``.

        Returns:
            All losses, and the discriminators' accuracies, by name.

        Raises:
            ImageSizeError: If low and normal images differ in size, or are smaller than a patch.
            UserError: If there is a reconstruction loss and no ``darkened_normal``.
        """
        inputs = channels_last(self.data_preprocessor(data, training=True)["inputs"])
        low, normal = inputs["img"], inputs["normal"]
        corners = self._draw_corners(low, normal)

        # Frozen, the discriminators pass the gradient on and spend no time on their own.
        self.discriminator.requires_grad_(False)
        with optim_wrapper["generator"].optim_context(self.generator):
            enhanced, reconstructed = self._enhance_batch(inputs)
            losses = self.generator_losses(enhanced, low, normal, corners, reconstructed)
        optim_wrapper["generator"].update_params(sum(losses.values()))

        self.discriminator.requires_grad_(True)
        with optim_wrapper["discriminator"].optim_context(self.discriminator):
            discriminator_losses, accuracies = self.discriminator_losses(enhanced, normal, corners)
        optim_wrapper["discriminator"].update_params(sum(discriminator_losses.values()))
        return {**losses, **discriminator_losses, **accuracies}

    def loss(self, inputs: dict[str, Tensor], data_samples: "DataSample | None" = None) -> dict[str, Tensor]:
        """Losses of a batch by name: what the generator minimises, and what the discriminators minimise.

        Args:
            inputs: ``img``, ``normal`` and optionally ``darkened``, each (N, 3, H, W), RGB in [0, 1].
            data_samples: Not looked at.
        """
        low, normal = inputs["img"], inputs["normal"]
        corners = self._draw_corners(low, normal)
        enhanced, reconstructed = self._enhance_batch(inputs)
        losses = self.generator_losses(enhanced, low, normal, corners, reconstructed)
        return losses | self.discriminator_losses(enhanced, normal, corners)[0]

    def _enhance_batch(self, inputs: dict[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        low = inputs.get("darkened", inputs["img"])
        if self.reconstruction_loss is None:
            return self.enhance(low), None
        if "darkened_normal" not in inputs:
            raise UserError(
                "The reconstruction loss needs `darkened_normal`, but the pipeline packs only "
                f"{', '.join(inputs)}: copy `normal` by mmagic.CopyValues, darken the copy, and pack it."
            )
        # In one pass: DistributedDataParallel allows one per step, and batches are normalised alike.
        enhanced, reconstructed = self.enhance(torch.cat([low, inputs["darkened_normal"]])).chunk(2)
        return enhanced, reconstructed

    def generator_losses(
        self,
        enhanced: Tensor,
        low: Tensor,
        normal: Tensor,
        corners: list[tuple[int, int]],
        reconstructed: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Judge an enhancement.

        Args:
            enhanced: (N, 3, H, W), the generator's output.
            low: (N, 3, H, W), RGB in [0, 1], the photographs that it comes from, not darkened.
            normal: (N, 3, H, W), RGB in [0, 1], well-lit photographs.
            corners: Where the patches are.
            reconstructed: (N, 3, H, W), the generator's output for ``normal``, darkened.

        Returns:
            Scalars by name.
        """
        # Unwrapped, since DistributedDataParallel would wait for gradients that do not come.
        discriminator = unwrap_model(self.discriminator)
        patches = discriminator.cut_patches(enhanced, corners)
        fake, fake_patches = discriminator(enhanced, patches)
        with torch.no_grad():
            real = discriminator.global_network(normal).float()
        losses = dict(
            loss_global=self.global_loss(real, fake),
            loss_local=self.local_loss(fake_patches, target_is_real=True),
            loss_feature=self.feature_loss(enhanced, low),
            loss_feature_local=self.feature_loss(patches, discriminator.cut_patches(low, corners)),
        )
        if self.color_loss is not None:
            losses["loss_color"] = self.color_loss(enhanced, low)
        if self.highlight_loss is not None:
            losses["loss_highlight"] = self.highlight_loss(enhanced, low)
        if self.exposure_loss is not None:
            losses["loss_exposure"] = self.exposure_loss(enhanced)
        if reconstructed is not None:
            losses["loss_reconstruction"] = self.reconstruction_loss(reconstructed, normal)
        return losses

    def discriminator_losses(
        self, enhanced: Tensor, normal: Tensor, corners: list[tuple[int, int]]
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Judge the discriminators.

        Args:
            enhanced: (N, 3, H, W), the generator's output; no gradient goes back to it.
            normal: (N, 3, H, W), RGB in [0, 1], well-lit photographs.
            corners: Where the patches are.

        Returns:
            Losses, scalars by name; and accuracies in [0, 1] by name: the share of scores on the right side
            of the other images' mean (global), or of the middle between both labels (local).
        """
        images = torch.cat([normal, enhanced.detach()])
        patches = unwrap_model(self.discriminator).cut_patches(images, corners)
        scores, patch_scores = self.discriminator(images, patches)
        real, fake = scores.chunk(2)
        # Patches are in the order of the corners, for each the real images and then the enhanced ones.
        by_corner = patch_scores.unflatten(0, (len(corners), 2, -1))
        real_patches, fake_patches = by_corner[:, 0], by_corner[:, 1]
        losses = dict(
            loss_disc_global=self.global_loss(real, fake, is_disc=True),
            loss_disc_local=(
                self.local_loss(real_patches, target_is_real=True, is_disc=True)
                + self.local_loss(fake_patches, target_is_real=False, is_disc=True)
            )
            / 2,
        )
        accuracies = dict(
            accuracy_real_global=(real > fake.mean()).float().mean(),
            accuracy_fake_global=(fake < real.mean()).float().mean(),
            accuracy_real_local=(real_patches > 0.5).float().mean(),
            accuracy_fake_local=(fake_patches < 0.5).float().mean(),
        )
        return losses, accuracies

    def _draw_corners(self, low: Tensor, normal: Tensor) -> list[tuple[int, int]]:
        if low.shape != normal.shape:
            raise ImageSizeError(
                f"Low and normal images must have one size, got {tuple(low.shape)} and {tuple(normal.shape)} "
                "(N, C, H, W). Crop both alike in the dataset's pipeline."
            )
        return unwrap_model(self.discriminator).draw_corners(low, step_generator())
