import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar, overload

import numpy as np
import PIL.Image
import torch
from mmagic.structures import DataSample
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.registry import DefaultScope

from mmlle.look import Look
from mmlle.media.image_io import list_images, read_image, write_image
from mmlle.media.image_kinds import to_bgr, to_rgb
from mmlle.media.photograph import Photograph
from mmlle.media.photograph_reading import read_photograph
from mmlle.media.photograph_writing import write_photograph
from mmlle.models import BaseEnhancer
from mmlle.registry import MODELS
from mmlle.utils.checkpoint_io import load_weights
from mmlle.utils.errors import UserError
from mmlle.zoo import config_path, weights_path

__all__ = ["LowLightInferencer", "collect", "result_paths"]

Image = np.ndarray | PIL.Image.Image | torch.Tensor | bytes
ImageKind = TypeVar("ImageKind", np.ndarray, PIL.Image.Image, torch.Tensor, bytes)
Input = str | Path | Image

MAX_SCALE = 64


class LowLightInferencer:
    """Enhances photographs of any size; no ground truth, no data set, no config to write.

    Args:
        model: Short name of a model, see :func:`mmlle.zoo.list_models`, or a config file.
        weights: Checkpoint file or URL. None for the weights that are shipped with the package.
        device: Where to compute, such as ``'cuda:1'``. None for a GPU if there is one, else the CPU.
        scale: The network sees the image reduced by this factor, 1 to 64, and its curve is applied at full
            size: much faster, and less exact at edges. For SGZ and Zero-DCE; the authors of SGZ use 12.
        look: How bright photographs become, and what of them stays. None for that of the model's config,
            ``look=dict(...)``, or without one ``Look()``, which chooses for each photograph. Models for
            super-resolution have none.

    Raises:
        UserError: If the model is unknown, no weights are shipped for it, or the weights do not fit; if a
            model for super-resolution is given a look, or one that estimates no curve a scale.

    Examples:
        >>> enhance = LowLightInferencer('sgz')
        >>> enhance('night.jpg').shape
        (400, 600, 3)
        >>> enhance('photos', out_dir='enhanced')
        [PosixPath('enhanced/night.jpg'), PosixPath('enhanced/street/corner.png')]
    """

    def __init__(
        self,
        model: str | Path = "sgz",
        weights: str | Path | None = None,
        device: str | None = None,
        look: Look | None = None,
        scale: float = 1,
    ) -> None:
        config = Config.fromfile(config_path(model))
        checkpoint = weights_path(model) if weights is None else weights
        with DefaultScope.overwrite_default_scope(config.get("default_scope", "mmlle")):
            self.model = MODELS.build(config.model)
        if scale != 1:
            reduce_by(self.model, scale, model)
        load_weights(self.model, checkpoint, f"the model {str(model)!r}")
        self.device = torch.device(device or get_device())
        self.model.to(self.device).eval()
        if self.model.scale == 1:
            self.look = look or Look(**config.get("look", {}))
        elif look is None or look == Look.as_trained():
            self.look = Look.as_trained()
        else:
            raise UserError(f"The model {str(model)!r} is for super-resolution and has no {look}.")

    def __call__(
        self, inputs: Input | Sequence[Input], out_dir: str | Path | None = None, overwrite: bool = False
    ) -> Image | list[Image] | list[Path]:
        """Enhance images.

        Args:
            inputs: An image file, a folder (its sub-folders included), an image, or several of these. An
                image is an array, (H, W, 3) uint8, BGR as OpenCV reads it, a PIL image, a tensor (3, H, W),
                RGB in [0, 1], or the bytes of an image file; see :func:`mmlle.media.image_kinds.to_rgb`.
            out_dir: Folder for the results, each under the name and path of its image below the folder that
                was given, images without a file as ``0000.png``, ``0001.png``, …; None to return them.
            overwrite: Whether results that are there already are replaced.

        Returns:
            Without ``out_dir`` the enhanced images, of their own sizes (times the factor of a model for
            super-resolution), each of the kind of its input, those of files (H, W, 3) uint8, BGR: one for an
            image or an image file, a list for a folder or several inputs. With it, the files written.

        Raises:
            UnreadableImageError: If a file cannot be read.
            UserError: If there is no such file or no image in a folder, a result would replace an image, or
                is there already.
        """
        if isinstance(inputs, Input):
            several, images = is_folder(inputs), collect([inputs])
        else:
            several, images = True, collect(inputs)
        if out_dir is not None:
            results = result_paths(images, out_dir)
            there = [] if overwrite else [result for result in results if os.path.lexists(result)]
            if there:
                raise UserError(f"{there[0]} is there already; overwrite=True replaces it.")
            for (image, _), result in zip(images, results, strict=True):
                if isinstance(image, str | Path):
                    write_photograph(result, self.enhance_photograph(read_photograph(image)))
                else:
                    write_image(result, self.enhance(to_bgr(image)))
            return results
        enhanced = [self.enhance(image) for image, _ in images]
        return enhanced if several else enhanced[0]

    @overload
    def enhance(self, image: str | Path) -> np.ndarray: ...

    @overload
    def enhance(self, image: ImageKind) -> ImageKind: ...

    def enhance(self, image: Input) -> Image:
        """Enhance an image file, for (H, W, 3) uint8, BGR, or an image, for one of its kind.

        Several threads may call this at once.
        """
        rgb, like = to_rgb(read_image(image) if isinstance(image, str | Path) else image)
        return like(self.look.apply(rgb, self.enhance_batch))

    def enhance_photograph(self, photograph: Photograph) -> Photograph:
        """Enhance a photograph; its properties stay."""
        return photograph.replaced(self.look.apply(photograph.pixels, self.enhance_batch))

    @torch.inference_mode()
    def enhance_batch(self, images: np.ndarray, strengths: np.ndarray) -> np.ndarray:
        """Enhance images of one size by strengths of 0 (the input) to 1 (as trained) and more.

        Args:
            images: (N, 3, H, W) float32, RGB in [0, 1].
            strengths: (N, 1, H, W) or (N, 1, 1, 1) float32.

        Returns:
            (N, 3, H, W) float32, RGB in [0, 1]; H and W times the factor of a model for super-resolution.
        """
        preprocessor = self.model.data_preprocessor
        samples = [DataSample(metainfo=dict(img_channel_order="BGR")) for _ in images]
        bgr = torch.from_numpy(np.ascontiguousarray(images[:, ::-1])).to(self.device) * 255
        batch = preprocessor(dict(inputs=list(bgr), data_samples=samples))
        strength = None if (strengths == 1).all() else torch.from_numpy(strengths).to(self.device)
        enhanced = self.model(batch["inputs"], mode="tensor", strength=strength)
        bgr = preprocessor.destruct(enhanced, batch["data_samples"], "img")  # 0-255
        return bgr.flip(1).float().cpu().numpy() / 255


def reduce_by(model: BaseEnhancer, scale: float, name: str | Path) -> None:
    """Let the network of a model see images reduced by a factor.

    Raises:
        UserError: If the factor is out of range, or the model is none that estimates a curve.
    """
    if not hasattr(model.generator, "scale_factor"):
        raise UserError(
            f"scale is for methods that estimate a curve, SGZ and Zero-DCE; {str(name)!r} is none."
        )
    if not 1 <= scale <= MAX_SCALE:
        raise UserError(f"scale must be 1 to {MAX_SCALE}, got {scale:g}.")
    model.generator.scale_factor = scale


def is_folder(source: Input) -> bool:
    """Tell whether an input is a folder of images."""
    return isinstance(source, str | Path) and Path(source).is_dir()


def collect(sources: Sequence[Input]) -> list[tuple[Input, str]]:
    """Find the images of some inputs.

    Args:
        sources: Image files, folders and images.

    Returns:
        Files and images, each with a name for its result: the file's own, below the folder that it was found
        in; ``0000.png``, ``0001.png``, … for images.

    Raises:
        UserError: If there is no such file, or no image in a folder.
    """
    images: list[tuple[Input, str]] = []
    found: list[tuple[Input, str]]
    for source in sources:
        if not isinstance(source, str | Path):
            found = [(source, f"{len(images):04d}.png")]
        elif is_folder(source):
            found = [(Path(source, name), name) for name in list_images(source)]
        else:
            found = [(Path(source), Path(source).name)] if Path(source).is_file() else []
        if not found:
            raise UserError(f"There is no image at {source} (looked for from {Path.cwd()}).")
        images += found
    return images


def result_paths(images: list[tuple[Input, str]], out_dir: str | Path) -> list[Path]:
    """Say where the result of each image goes.

    Raises:
        UserError: If a result would replace another one, or one of the images.
    """
    results = [Path(out_dir, name) for _, name in images]
    taken = {Path(image).resolve() for image, _ in images if isinstance(image, str | Path)}
    for result in results:
        if result.resolve() in taken:
            raise UserError(
                f"Two images would be written to {result}, or one is there already to be enhanced. Choose "
                "another folder for the results, or enhance one folder at a time."
            )
        taken.add(result.resolve())
    return results
