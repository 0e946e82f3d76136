"""Images of the kinds that Python code holds: arrays, PIL images, tensors, and the bytes of image files."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image

from mmlle.utils.errors import UserError

from .color import rgb_luma
from .image_file import UnsupportedImageError
from .photograph import Photograph
from .photograph_assembly import assemble
from .photograph_reading import read_photograph
from .photograph_writing import write_photograph
from .pillow_reading import exif_orientation, samples_of

if TYPE_CHECKING:
    import torch

__all__ = ["BYTES_LIKE", "to_bgr", "to_photograph", "to_rgb"]

#: What the bytes of an image file may be held by.
BYTES_LIKE = (bytes, bytearray, memoryview)

Like = Callable[[np.ndarray], Any]


def to_rgb(value: Any) -> tuple[np.ndarray, Like]:
    """Convert an image of any kind.

    Args:
        value: An array (H, W), (H, W, 3) or (H, W, 4), grey, BGR or BGRA as OpenCV reads it, uint8, uint16 or
            floating-point in [0, 1]; a PIL image; a tensor (3, H, W) or (1, 3, H, W), RGB, uint8 or
            floating-point in [0, 1]; the bytes of an image file, of a type of ``BYTES_LIKE``; or its path.

    Returns:
        The image, (H, W, 3) float32, RGB in [0, 1], and a function that makes of another one of that form an
        image of the kind of ``value``. Of arrays and tensors the dtype and the axes stay, of tensors the
        device, of PIL images the mode (L, LA, RGB, RGBA, I;16 and F; others become one of these), EXIF, XMP,
        ICC profile and resolution, of bytes the format and all properties (see :func:`write_photograph`). An
        alpha channel stays as it is. Of a file it makes (H, W, 3) uint8, BGR, in sRGB.

    Raises:
        UnreadableImageError: If bytes or a file are not those of an image.
        UserError: If it is none of these, or not finite.
    """
    if isinstance(value, str | Path):
        return read_photograph(value).pixels, to_bgr
    if isinstance(value, BYTES_LIKE):
        return _from_bytes(bytes(value))
    if isinstance(value, Image.Image):
        return _from_pil(value)
    if isinstance(value, np.ndarray):
        return _from_array(value)
    # Who has a tensor has loaded PyTorch; others need not wait for it.
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return _from_tensor(value)
    raise UserError(
        f"An image is an array, a PIL image, a tensor, bytes or a path; got a {type(value).__name__}."
    )


def to_photograph(value: Any) -> Photograph:
    """Convert an image of any kind that :func:`to_rgb` takes to a photograph, to be written as a PNG.

    It has 16 bits a channel if ``value`` has them, else 8, its alpha channel, and of bytes, files and PIL
    images all properties.

    Raises:
        UnreadableImageError: As :func:`to_rgb`.
        UserError: Likewise.
    """
    if isinstance(value, str | Path):
        return read_photograph(value)
    if isinstance(value, BYTES_LIKE):
        return read_photograph(bytes(value))
    if isinstance(value, Image.Image):
        samples, notes = _samples(value)
        known = _properties(value)
        if isinstance(known.get("xmp"), str):
            known["xmp"] = known["xmp"].encode()
        return assemble(samples, "PNG", orientation=exif_orientation(value), notes=notes, **known)
    rgb, _ = to_rgb(value)
    is_array = isinstance(value, np.ndarray)
    return Photograph(
        rgb,
        grey=is_array and value.ndim == 2,
        alpha=value[..., 3] if is_array and value.shape[2:] == (4,) else None,
        depth="uint16" if is_array and value.dtype == np.uint16 else "uint8",
    )


def to_bgr(rgb: np.ndarray) -> np.ndarray:
    """Convert (H, W, 3) float32, RGB in [0, 1], to uint8, BGR as OpenCV writes it."""
    return np.ascontiguousarray(_from_unit(rgb[..., ::-1], np.dtype(np.uint8)))


def _from_bytes(content: bytes) -> tuple[np.ndarray, Like]:
    photograph = read_photograph(content)

    def like(result: np.ndarray) -> bytes:
        stream = io.BytesIO()
        write_photograph(stream, photograph.replaced(result))
        return stream.getvalue()

    return photograph.pixels, like


def _from_pil(image: Image.Image) -> tuple[np.ndarray, Like]:
    samples, _ = _samples(image)
    grey, alpha = samples.shape[2] < 3, samples.shape[2] in (2, 4)
    color = np.repeat(samples[..., :1], 3, -1) if grey else samples[..., :3]

    def like(result: np.ndarray) -> Image.Image:
        planes = _from_unit(rgb_luma(result)[..., None] if grey else result, samples.dtype)
        if alpha:
            opacity = _resized(samples[..., -1], (planes.shape[0], planes.shape[1]))
            planes = np.concatenate([planes, opacity[..., None]], axis=-1)
        enhanced = Image.fromarray(
            np.ascontiguousarray(planes.squeeze(-1) if planes.shape[2] == 1 else planes)
        )
        enhanced.info.update(_properties(image))
        return enhanced

    return _to_unit(color), like


def _samples(image: Image.Image) -> tuple[np.ndarray, tuple[str, ...]]:
    try:
        return samples_of(image)
    except UnsupportedImageError as error:
        raise UserError(f"The PIL image cannot be used: {error}.") from error


def _properties(image: Image.Image) -> dict[str, Any]:
    """Return what a PIL image knows of the photograph and not of how its pixels are stored."""
    names = ("exif", "xmp", "icc_profile", "dpi")
    # What a profile of inks says does not hold for the RGB that was made of them.
    return {name: image.info[name] for name in names if name in image.info and image.mode != "CMYK"}


def _from_array(array: np.ndarray) -> tuple[np.ndarray, Like]:
    known = array.dtype in (np.uint8, np.uint16) or np.issubdtype(array.dtype, np.floating)
    if not known or array.shape[2:] not in ((), (3,), (4,)) or array.ndim < 2 or not array.size:
        raise UserError(
            "An array is (H, W), (H, W, 3) or (H, W, 4), grey, BGR or BGRA as OpenCV reads it, of uint8, "
            f"uint16, or floats in [0, 1]; got {array.shape} of {array.dtype}."
        )
    grey = array.ndim == 2
    rgb = np.repeat(array[..., None], 3, -1) if grey else array[..., 2::-1]

    def like(result: np.ndarray) -> np.ndarray:
        if grey:
            return _from_unit(rgb_luma(result), array.dtype)
        bgr = _from_unit(result[..., ::-1], array.dtype)
        if array.shape[2] == 4:
            alpha = _resized(array[..., 3], (bgr.shape[0], bgr.shape[1]))
            bgr = np.concatenate([bgr, alpha[..., None]], axis=-1)
        return np.ascontiguousarray(bgr)

    return _to_unit(rgb), like


def _resized(plane: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return plane if plane.shape == size else cv2.resize(plane, size[::-1], interpolation=cv2.INTER_CUBIC)


def _from_tensor(tensor: "torch.Tensor") -> tuple[np.ndarray, Like]:
    import torch

    known = tensor.dtype == torch.uint8 or tensor.is_floating_point()
    if not known or tensor.shape[-3:-2] != (3,) or tensor.shape[:-3] not in ((), (1,)) or not tensor.numel():
        raise UserError(
            "A tensor is (3, H, W) or (1, 3, H, W), RGB, uint8 or floating-point in [0, 1]; got "
            f"{tuple(tensor.shape)} of {tensor.dtype}."
        )
    pixels = tensor.detach().cpu().reshape(tensor.shape[-3:]).permute(1, 2, 0)
    pixels = pixels.float() if tensor.is_floating_point() else pixels

    def like(result: np.ndarray) -> torch.Tensor:
        planes = torch.from_numpy(_from_unit(result, pixels.numpy().dtype).transpose(2, 0, 1).copy())
        return planes.reshape(*tensor.shape[:-2], *planes.shape[-2:]).to(tensor)

    return _to_unit(pixels.numpy()), like


def _to_unit(pixels: np.ndarray) -> np.ndarray:
    """Scale integers to [0, 1]; float32."""
    if np.issubdtype(pixels.dtype, np.floating):
        if not np.isfinite(pixels).all():
            raise UserError("Some of the image's values are NaN or infinite; replace them.")
        return np.ascontiguousarray(pixels, dtype=np.float32)
    return np.ascontiguousarray(pixels, dtype=np.float32) / np.float32(np.iinfo(pixels.dtype).max)


def _from_unit(pixels: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Scale [0, 1] to the range of a dtype; for integers what lies outside is clipped."""
    if np.issubdtype(dtype, np.floating):
        return pixels.astype(dtype)
    top = np.iinfo(dtype).max
    return np.rint(pixels.clip(0, 1) * top).astype(dtype)
