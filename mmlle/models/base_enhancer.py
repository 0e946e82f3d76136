import math
from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from mmengine.model import BaseModel, is_model_wrapper
from torch import Tensor

from mmlle.registry import MODELS
from mmlle.utils.denormals import zero_denormals_after_loading
from mmlle.utils.unwrap_model import unwrap_model

from .hub_mixin import HubMixin
from .utils.tiled_forward import Images, tiled_forward

if TYPE_CHECKING:
    from mmagic.structures import DataSample

__all__ = ["BaseEnhancer"]

DEFAULT_PIXEL_BYTES = 1024


class BaseEnhancer(BaseModel, HubMixin):
    """What all models share: the forward modes, prediction, tiling and the handling of data samples.

    A method writes :meth:`enhance` and :meth:`loss`, and :meth:`pictures` if it has more to show than the
    enhanced image. Both get whole images in training, and tiles otherwise (see :meth:`in_tiles`).

    Args:
        generator: Config of the network that enhances. It states how it can be applied in tiles:
            ``receptive_radius``, the largest distance in pixels of the input, along a row or column, of an
            input pixel that an output pixel depends on in eval mode; infinite, or not stated, if the network
            needs the whole image. ``size_multiple``, the number that it pads the sides to multiples of; 1 if
            not stated. ``pixel_bytes``, how many bytes its activations take for each pixel of the input, in
            eval mode; 1024 if not stated.
        data_preprocessor: Config of the data preprocessor; None for :class:`EnhancerDataPreprocessor`, which
            gives RGB in [0, 1].
        init_cfg: Initialisation, see mmengine's BaseModule.

    Attributes:
        scale: By how much :meth:`enhance` enlarges an image; 1 but for super-resolution.
        training_only: Names of the parts that only training needs, such as a discriminator: checkpoints may
            lack them (see :func:`mmlle.utils.checkpoint_io.check_weights`), and to enhance photographs their
            configs are None.
    """

    scale = 1
    training_only: tuple[str, ...] = ()

    def __init__(
        self,
        generator: dict,
        data_preprocessor: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        data_preprocessor = data_preprocessor or dict(type="mmlle.EnhancerDataPreprocessor")
        super().__init__(data_preprocessor, init_cfg)
        # Channels-last convolutions are the faster ones, twice so on CPUs.
        self.generator = MODELS.build(generator).to(memory_format=torch.channels_last)
        self.register_load_state_dict_post_hook(zero_denormals_after_loading)
        self.register_state_dict_post_hook(drop_wrapper_names)

    def forward(
        self,
        inputs: Any,
        data_samples: "DataSample | None" = None,
        mode: str = "tensor",
        strength: Tensor | None = None,
    ) -> "Tensor | dict[str, Tensor] | list[DataSample]":
        """Run the model.

        Args:
            inputs: (N, 3, H, W), RGB in [0, 1]; several by name where a method trains on several.
            data_samples: The batch's data samples, stacked by the data preprocessor.
            mode: ``'tensor'`` for the enhanced image, ``'loss'`` for the losses, ``'predict'`` for data
                samples that hold the result.
            strength: In mode ``'tensor'``, how much each pixel is enhanced, see :meth:`enhance_by`; None for
                as trained.

        Returns:
            ``'tensor'``: (N, 3, scale * H, scale * W), unclamped. ``'loss'``: scalars by name. ``'predict'``:
            a data sample for each image, with ``input``, (3, H, W), and ``output.pred_img`` (and
            ``output.NAME`` for each further picture), (3, scale * H, scale * W), BGR in [0, 255], on the CPU.

        Raises:
            ValueError: If ``mode`` is none of the three.
        """
        inputs = channels_last(inputs)
        if mode == "tensor":
            if strength is None:
                return self.in_tiles(self.enhance, inputs)
            field = torch.broadcast_shapes(strength.shape, (len(inputs), 1, *inputs.shape[-2:]))
            return self.in_tiles(self.enhance_by, inputs, strength.expand(field))
        if mode == "loss":
            return self.loss(inputs, data_samples)
        if mode == "predict":
            return self.predict(inputs, data_samples)
        raise ValueError(f"mode must be 'tensor', 'loss' or 'predict', got {mode!r}.")

    def in_tiles(self, function: Callable[..., Images], *inputs: Tensor) -> Images:
        """Apply a function of this model to images, tile by tile where the network allows it.

        The result is that of the whole images up to rounding, in bounded memory, and faster on a CPU. Where
        gradients are recorded, all activations are kept anyway, and in training mode a network may normalise
        by the statistics of the whole batch: then the function gets the whole images.

        Args:
            function: :meth:`enhance`, :meth:`enhance_by` or :meth:`pictures`.
            inputs: Its arguments, (N, C, H, W) of one H and W.
        """
        network = unwrap_model(self.generator)
        radius = getattr(network, "receptive_radius", math.inf)
        if torch.is_grad_enabled() or self.training or math.isinf(radius):
            return function(*inputs)
        return tiled_forward(
            function,
            *inputs,
            halo=int(radius),
            scale=self.scale,
            multiple=getattr(network, "size_multiple", 1),
            pixel_bytes=getattr(network, "pixel_bytes", DEFAULT_PIXEL_BYTES),
        )

    @abstractmethod
    def enhance(self, inputs: Tensor) -> Tensor:
        """Enhance (N, 3, H, W), RGB in [0, 1]; (N, 3, scale * H, scale * W), unclamped."""

    def enhance_by(self, inputs: Tensor, strength: Tensor) -> Tensor:
        """Enhance with a strength for each pixel: 0 gives exactly the input, 1 what :meth:`enhance` gives.

        Here the two are blended; methods with a parameter that acts as a strength override it.

        Args:
            inputs: (N, 3, H, W), RGB in [0, 1]; or (1, 3, H, W), one image for all strengths, of which the
                network then is asked once.
            strength: (N, 1, H, W), at least 0, continuous; above 1 the enhancement is extrapolated.

        Returns:
            (N, 3, scale * H, scale * W), unclamped.
        """
        return torch.lerp(inputs, self.enhance(inputs), strength)

    @abstractmethod
    def loss(self, inputs: Any, data_samples: "DataSample | None" = None) -> dict[str, Tensor]:
        """Losses of a batch by name, for training by one optimiser.

        Args:
            inputs: What the pipeline's PackInputs packs: one image or several by name, each (N, 3, H, W), RGB
                in [0, 1].
            data_samples: The stacked data samples; a ``gt_img`` is in the range of the inputs.
        """

    def pictures(self, inputs: Tensor) -> dict[str, Tensor]:
        """Pictures of a prediction, all of the result's size, RGB, by name; ``pred_img`` is the result."""
        return dict(pred_img=self.enhance(inputs))

    def predict(self, inputs: Tensor, data_samples: "DataSample | None" = None) -> "list[DataSample]":
        """Enhance a batch and put the result into its data samples; see :meth:`forward`."""
        from mmagic.structures import DataSample  # only here: MMagic takes seconds to import

        if data_samples is None:
            # The data preprocessor's note for its way back, which would otherwise guess BGR.
            order = dict(img_output_channel_order="RGB")
            data_samples = DataSample.stack([DataSample(metainfo=order) for _ in inputs])

        def as_loaded(image: Tensor) -> Tensor:
            return self.data_preprocessor.destruct(image, data_samples, "img").cpu()

        outputs = {name: as_loaded(image) for name, image in self.in_tiles(self.pictures, inputs).items()}
        data_samples.set_tensor_data(dict(input=as_loaded(inputs)))
        samples = data_samples.split()
        for index, sample in enumerate(samples):
            sample.output = DataSample(**{name: image[index] for name, image in outputs.items()})
        return samples


def drop_wrapper_names(model: BaseEnhancer, state: dict[str, Tensor], prefix: str, metadata: dict) -> None:
    """Keep the names of wrappers for several processes out of checkpoints.

    MMEngine wraps the networks of a model with several optimisers one by one, saves ``generator.module.…``,
    and on loading looks for ``generator.…``. Without the wrappers' names a checkpoint fits everywhere.

    Args:
        model: The model that is saved.
        state: Its weights by name, changed in place.
        prefix: What all names begin with.
        metadata: Unused.
    """
    for name, child in model.named_children():
        if is_model_wrapper(child):
            wrapped, plain = f"{prefix}{name}.module.", f"{prefix}{name}."
            for key in [key for key in state if key.startswith(wrapped)]:
                state[plain + key.removeprefix(wrapped)] = state.pop(key)


def channels_last(inputs: Images) -> Images:
    """Lay images (N, C, H, W) out in memory as the network's weights are."""
    if isinstance(inputs, dict):
        return {name: channels_last(image) for name, image in inputs.items()}
    return inputs.contiguous(memory_format=torch.channels_last)
