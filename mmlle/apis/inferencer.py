import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Union, overload

import numpy as np
import PIL.Image

from mmlle.look import FilmLook, Look
from mmlle.media.film_file import is_film
from mmlle.media.image_kinds import BYTES_LIKE, to_photograph, to_rgb
from mmlle.media.photograph import Photograph
from mmlle.media.photograph_writing import write_photograph
from mmlle.utils.errors import UserError
from mmlle.zoo import DEFAULT_MODEL

from .backend import BackendName, load_backend
from .batch import Existing, describe_error, enhance_files, photograph_codec
from .film import enhance_films
from .image_jobs import ImageJobs, check_folder, find_images, plan_jobs

if TYPE_CHECKING:
    import torch

__all__ = ["LowLightInferencer"]

# With |, torch would have to be imported.
Image = Union[np.ndarray, PIL.Image.Image, "torch.Tensor", bytes]
ImageKind = TypeVar("ImageKind", np.ndarray, PIL.Image.Image, "torch.Tensor", bytes)
Input = str | Path | Image | bytearray | memoryview


class LowLightInferencer:
    """Enhances photographs of any size, and films; no ground truth, no data set, no config to write.

    Args:
        model: Short name of a model, see :func:`mmlle.zoo.list_models`, a config file, or an ``.onnx`` file
            that ``mmlle export`` wrote, which needs neither PyTorch nor the OpenMMLab packages.
        weights: Checkpoint file or URL. None for the weights that are shipped with the package.
        device: Where to compute, such as ``'cuda:1'``. None for a GPU if there is one, else the CPU.
        look: How bright photographs become, and what of them stays. None for that of the model's config,
            ``look=dict(...)``, or without one ``Look()``, which chooses for each photograph; a mapping
            replaces those of its settings that it names. Models for super-resolution have none.
        scale: The network sees the image reduced by this factor, 1 to 64, and its curve is applied at full
            size: much faster, and less exact at edges. For SGZ and Zero-DCE, in PyTorch; the authors of SGZ
            use 12.
        backend: ``'torch'``, ``'onnxruntime'`` or ``'openvino'``; see
            :func:`mmlle.apis.backend.load_backend`.

    Raises:
        UserError: If the model is unknown, no weights are shipped for it, or the weights do not fit; if a
            model for super-resolution is given a look, or one that estimates no curve a scale; or if the
            package of the backend is missing.

    Examples:
        >>> enhance = LowLightInferencer('sgz')
        >>> enhance('night.jpg').shape
        (400, 600, 3)
        >>> enhance('photos', out_dir='enhanced')
        [PosixPath('enhanced/night.jpg'), PosixPath('enhanced/street/corner.png')]
    """

    def __init__(
        self,
        model: str | Path = DEFAULT_MODEL,
        weights: str | Path | None = None,
        device: str | None = None,
        look: Look | Mapping[str, Any] | None = None,
        scale: float = 1,
        backend: BackendName | None = None,
    ) -> None:
        self.backend = load_backend(model, weights, device, scale, backend)
        if self.scale == 1:
            self.look = look if isinstance(look, Look) else Look.from_settings(self.backend.look, look or {})
        elif not look or look == Look.as_trained():
            self.look = Look.as_trained()
        else:
            raise UserError(f"The model {str(model)!r} is for super-resolution and has no look.")

    @property
    def scale(self) -> int:
        """By how much images are enlarged; 1 but for super-resolution."""
        return self.backend.scale

    def __call__(
        self, inputs: Input | Sequence[Input], out_dir: str | Path | None = None, overwrite: bool = False
    ) -> Image | list[Image] | list[Path]:
        """Enhance images.

        Args:
            inputs: An image file, a film, a folder (its sub-folders included), a pattern, an image, or
                several of these. Films need an ``out_dir``. An image is an array, (H, W, 3) uint8, BGR as
                OpenCV reads it, a PIL image, a tensor (3, H, W), RGB in [0, 1], or the bytes of an image
                file; see :func:`mmlle.media.image_kinds.to_rgb`.
            out_dir: Folder for the results, each under the name and path of its image below the folder that
                was given, images without a file as ``0000.png``, ``0001.png``, …, with what they know of the
                photograph; None to return them.
            overwrite: Whether results that are there already are replaced.

        Returns:
            Without ``out_dir`` the enhanced images, of their own sizes (times the factor of a model for
            super-resolution), each of the kind of its input, those of files (H, W, 3) uint8, BGR: one for an
            image or an image file, a list for a folder, a pattern or several inputs. With it, the files
            written, first those of files.

        Raises:
            UnreadableImageError: If a file cannot be read.
            UserError: If there is no such file or no image in a folder, a film has no ``out_dir``, a result
                would replace an image, or is there already. With ``out_dir``, also if a file cannot be
                enhanced or written; all others are done before.
        """
        items: list[Input]
        if isinstance(inputs, Sequence) and not isinstance(inputs, (str, *BYTES_LIKE)):
            items, one = list(inputs), False
        else:
            items, one = [inputs], not isinstance(inputs, str | Path) or os.path.isfile(inputs)
        if out_dir is not None:
            return self._write(items, Path(out_dir), overwrite)
        images: list[Input] = []
        for item in items:
            images += find_images(item) if isinstance(item, str | Path) else [item]
        film = next((image for image in images if isinstance(image, Path) and is_film(image)), None)
        if film is not None:
            raise UserError(f"{film} is a film: give out_dir, a folder for its result.")
        enhanced = [self.enhance(image) for image in images]
        return enhanced[0] if one else enhanced

    def _write(self, items: Sequence[Input], out_dir: Path, overwrite: bool) -> list[Path]:
        files = [item for item in items if isinstance(item, str | Path)]
        images = [item for item in items if not isinstance(item, str | Path)]
        plan = plan_jobs(files, f"{out_dir}{os.sep}") if files else ImageJobs([])
        check_folder(out_dir)
        targets = [out_dir / f"{index:04d}.png" for index in range(len(images))]
        taken = {os.path.realpath(path) for job in plan.jobs for path in job}
        results = [*(job.result for job in plan.jobs), *targets]
        for target in targets:
            if os.path.realpath(target) in taken:
                raise UserError(f"Two images would be written to {target}. Choose another folder for them.")
        there = [] if overwrite else [result for result in results if os.path.lexists(result)]
        if there:
            raise UserError(f"{there[0]} is there already; overwrite=True replaces it.")
        existing: Existing = "replace" if overwrite else "fail"
        report = enhance_files(plan.images, self.enhance_photograph, photograph_codec(), existing)
        if plan.films and not report.ended_by:
            report.merge(enhance_films(plan.films, self.film_look, existing=existing))
        if report.ended_by == "interrupt":
            raise KeyboardInterrupt
        reasons = [failure.reason for failure in (*plan.failures, *report.failures)]
        for target, image in zip(targets, images, strict=True):
            try:
                write_photograph(target, self.enhance_photograph(to_photograph(image)))
            except Exception as error:
                reasons.append(describe_error(target, error))
        if reasons:
            raise UserError("\n".join(reasons))
        return results

    @overload
    def enhance(self, image: str | Path) -> np.ndarray: ...

    @overload
    def enhance(self, image: ImageKind) -> ImageKind: ...

    @overload
    def enhance(self, image: bytearray | memoryview) -> bytes: ...

    def enhance(self, image: Input) -> Image:
        """Enhance an image file, for (H, W, 3) uint8, BGR, or an image, for one of its kind.

        Several threads may call this at once.
        """
        rgb, like = to_rgb(image)
        return like(self.look.apply(rgb, self.enhance_batch))

    def enhance_photograph(self, photograph: Photograph) -> Photograph:
        """Enhance a photograph; its properties stay."""
        return photograph.replaced(self.look.apply(photograph.pixels, self.enhance_batch))

    def film_look(self) -> FilmLook:
        """Make what enhances the pictures of one film, see :func:`mmlle.apis.film.enhance_film`.

        Raises:
            UserError: If the model is one for super-resolution.
        """
        if self.scale != 1:
            raise UserError("Films are not enlarged; choose a model that is not for super-resolution.")
        return FilmLook(self.look, self.enhance_batch)

    def enhance_batch(self, images: np.ndarray, strengths: np.ndarray) -> np.ndarray:
        """Enhance images of one size by given strengths, without the look.

        See :meth:`mmlle.apis.backend.Backend.enhance_batch`.
        """
        return self.backend.enhance_batch(images, strengths)
