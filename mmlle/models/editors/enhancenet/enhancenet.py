from typing import TYPE_CHECKING

import torch
from mmengine.optim import OptimWrapper, OptimWrapperDict
from torch import Tensor
from torch.nn import functional as F

from mmlle.registry import MODELS
from mmlle.utils.unwrap_model import unwrap_model

from ...base_enhancer import BaseEnhancer, channels_last
from ...utils.build_if_given import build_if_given
from .conditional_update import ConditionalUpdate
from .enhancenet_generator import EnhanceNetGenerator

if TYPE_CHECKING:
    from mmagic.structures import DataSample

__all__ = ["EnhanceNet"]


@MODELS.register_module()
class EnhanceNet(BaseEnhancer):
    """×4 super-resolution through automated texture synthesis (Sajjadi et al., ICCV 2017, arXiv 1612.07919).

    The paper's variants are named by their losses: E pixels, P perceptual, A adversarial, T texture. Each is
    a config that adds up the losses of its letters; a loss without a config is left out.

    Args:
        generator: Config of the network, image (N, 3, H, W) to (N, 3, 4H, 4W).
        pixel_loss: Config of E, which compares image and ground truth.
        features: Config of the network whose maps P and T compare, without its layers: the two losses say
            which they need, and get them in one pass.
        perceptual_loss: Config of P.
        texture_loss: Config of T.
        discriminator: Config of A's network, image (N, 3, 4H, 4W) to logits. With it, there are two
            optimisers, ``generator`` and ``discriminator``.
        adversarial_loss: Config of A, of the interface of MMagic's GANLoss; its weight is the generator's.
        real_threshold: See :class:`ConditionalUpdate`.
        fake_threshold: See :class:`ConditionalUpdate`.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: Initialisation, see mmengine's BaseModule.
    """

    scale = EnhanceNetGenerator.scale
    training_only = (
        "pixel_loss",
        "features",
        "perceptual_loss",
        "texture_loss",
        "adversarial_loss",
        "discriminator",
        "conditional_update",
    )

    def __init__(
        self,
        generator: dict,
        pixel_loss: dict | None = None,
        features: dict | None = None,
        perceptual_loss: dict | None = None,
        texture_loss: dict | None = None,
        discriminator: dict | None = None,
        adversarial_loss: dict | None = None,
        real_threshold: float = 0.8,
        fake_threshold: float = 0.8,
        data_preprocessor: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(generator, data_preprocessor, init_cfg)
        self.pixel_loss = build_if_given(pixel_loss)
        self.perceptual_loss = build_if_given(perceptual_loss)
        self.texture_loss = build_if_given(texture_loss)
        compared = [loss for loss in (self.perceptual_loss, self.texture_loss) if loss is not None]
        layers = list(dict.fromkeys(layer for loss in compared for layer in loss.layer_weights))
        self.features = build_if_given(features, layers=layers) if layers else None
        self.adversarial_loss = build_if_given(adversarial_loss)
        self.discriminator = build_if_given(discriminator)
        if self.discriminator is not None:
            self.discriminator.to(memory_format=torch.channels_last)
            self.conditional_update = ConditionalUpdate(real_threshold, fake_threshold)

    def enhance(self, inputs: Tensor) -> Tensor:
        """Super-resolve (N, 3, H, W), RGB in [0, 1]; (N, 3, 4H, 4W), unclamped."""
        return self.generator(inputs)

    def enhance_by(self, inputs: Tensor, strength: Tensor) -> Tensor:
        """Blend the bicubically enlarged and the super-resolved image by a strength (N, 1, H, W)."""
        enlarged = unwrap_model(self.generator).enlarge(inputs)
        field = F.interpolate(strength, scale_factor=self.scale, mode="nearest")
        return torch.lerp(enlarged, self.enhance(inputs), field)

    def pictures(self, inputs: Tensor) -> dict[str, Tensor]:
        """Pictures of a prediction: the result, and ``bicubic``, what the network adds its details to."""
        return dict(pred_img=self.enhance(inputs), bicubic=unwrap_model(self.generator).enlarge(inputs))

    def loss(self, inputs: Tensor, data_samples: "DataSample | None" = None) -> dict[str, Tensor]:
        """Losses of a batch for the generator, by name; each a scalar.

        Args:
            inputs: (N, 3, H, W), RGB in [0, 1].
            data_samples: With ``gt_img``, (N, 3, 4H, 4W), in the range of the inputs.

        Raises:
            ValueError: If there are no data samples.
        """
        if data_samples is None:
            raise ValueError("EnhanceNet's losses compare with ground truth: give data_samples with gt_img.")
        return self.generator_losses(self.generator(inputs), data_samples.gt_img)

    def generator_losses(self, image: Tensor, truth: Tensor) -> dict[str, Tensor]:
        """Judge super-resolved images.

        Args:
            image: (N, 3, H, W).
            truth: (N, 3, H, W), RGB in [0, 1].

        Returns:
            Scalars by name.
        """
        losses = {}
        if self.pixel_loss is not None:
            losses["loss_pixel"] = self.pixel_loss(image, truth)
        if self.features is not None:
            found = self.features(image)
            with torch.no_grad():
                target = self.features(truth)
            if self.perceptual_loss is not None:
                losses["loss_perceptual"] = self.perceptual_loss(found, target)
            if self.texture_loss is not None:
                losses["loss_texture"] = self.texture_loss(found, target)
        if self.discriminator is not None:
            losses["loss_adversarial"] = self.adversarial_loss(self.judge_frozen(image), True)
        return losses

    def judge_frozen(self, image: Tensor) -> Tensor:
        """Let the discriminator judge images for the generator, without gradient for its own weights."""
        # Unwrapped, since DistributedDataParallel would wait for gradients that do not come.
        discriminator = unwrap_model(self.discriminator)
        discriminator.requires_grad_(False)
        logits = discriminator(image)
        discriminator.requires_grad_(True)
        return logits

    def train_step(self, data: dict, optim_wrapper: OptimWrapper | OptimWrapperDict) -> dict[str, Tensor]:
        """Train on a batch: the generator, then the discriminator if there is one and its turn has come.

        Args:
            data: ``inputs`` and ``data_samples``, as the data loader gives them.
            optim_wrapper: The optimiser; with a discriminator, ``generator`` and ``discriminator``.

        Returns:
            What is logged, by name.
        """
        if self.discriminator is None:
            return super().train_step(data, optim_wrapper)
        data = self.data_preprocessor(data, training=True)
        inputs, truth = channels_last(data["inputs"]), channels_last(data["data_samples"].gt_img)
        with optim_wrapper["generator"].optim_context(self.generator):
            image = self.generator(inputs)
            losses = self.generator_losses(image, truth)
        total, logged = self.parse_losses(losses)
        optim_wrapper["generator"].update_params(total)
        return {**logged, **self.train_discriminator(image.detach(), truth, optim_wrapper["discriminator"])}

    def train_discriminator(
        self, fake: Tensor, real: Tensor, optim_wrapper: OptimWrapper
    ) -> dict[str, Tensor]:
        """Train the discriminator if it was not good enough on the previous batch; see ConditionalUpdate.

        Args:
            fake: Super-resolved images, (N, 3, H, W), without gradient.
            real: Their ground truth.
            optim_wrapper: The discriminator's optimiser.

        Returns:
            Its loss, the probability that it gives to the truth, on real and on generated images, and whether
            it was trained (1 or 0), by name.
        """
        due = self.conditional_update.due()
        with torch.set_grad_enabled(due), optim_wrapper.optim_context(self.discriminator):
            # One pass, so that DistributedDataParallel sees one backward pass for each forward pass.
            real_logits, fake_logits = self.discriminator(torch.cat([real, fake])).chunk(2)
            real_loss = self.adversarial_loss(real_logits, True, is_disc=True)
            fake_loss = self.adversarial_loss(fake_logits, False, is_disc=True)
        self.conditional_update.record(real_logits, fake_logits)
        if due:
            optim_wrapper.update_params(real_loss + fake_loss)
        on_real, on_fake = self.conditional_update.performance.unbind()
        return dict(
            loss_discriminator=(real_loss + fake_loss).detach(),
            probability_real=on_real.clone(),
            probability_fake=on_fake.clone(),
            discriminator_trained=real.new_tensor(float(due)),
        )
