"""What the authors' code makes with the authors' weights, for :mod:`mmlle.zoo.check`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmlle.models.utils.official_weights import official_weights
from mmlle.utils.checkpoint_io import write_checkpoint
from mmlle.utils.errors import UserError

from .check import Statement

__all__ = ["ORIGINAL_FIGURES", "OriginalFigures", "original_statements"]

_LOL = "LOL v1, 7 of the 15 test pairs"
# With its network at a twelfth of the size, SGZ's program cuts sides to multiples of 12.
_CROPPED = [
    dict(type="LoadImage", key="img"),
    dict(type="LoadImage", key="gt"),
    dict(type="mmagic.FixedCrop", keys=["img", "gt"], crop_size=(396, 600), crop_pos=(0, 0)),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]
_SGZ_12 = {"model.generator.scale_factor": 12, "test_dataloader.dataset.pipeline": _CROPPED}
_TF1 = {"model.generator.bicubic": "tf1"}


@dataclass(frozen=True)
class OriginalFigures:
    """What the authors' code makes with the authors' weights.

    Attributes:
        name: Name of the model, and what is special.
        method: Folder of its configs.
        config: Stem of the config that gives the same.
        dataset: One of :data:`mmlle.zoo.check.DATASETS`.
        figures: Metrics by name.
        options: Settings that replace the config's.
    """

    name: str
    method: str
    config: str
    dataset: str
    figures: Mapping[str, float]
    options: Mapping[str, Any] = field(default_factory=dict)


#: PSNR and SSIM are the protocol of the config: of RGB rounded to 8 bits; of super-resolution, of the luma
#: without a border of 4 px.
ORIGINAL_FIGURES = (
    OriginalFigures("SGZ", "sgz", "sgz_lol", _LOL, dict(PSNR=14.3610, SSIM=0.6251)),
    OriginalFigures("SGZ, scale 12", "sgz", "sgz_lol", _LOL, dict(PSNR=14.5792, SSIM=0.6320), _SGZ_12),
    OriginalFigures("Zero-DCE", "zero_dce", "zero_dce_lol", _LOL, dict(PSNR=13.5892, SSIM=0.6182)),
    OriginalFigures(
        "PairLIE, gamma 0.14", "pairlie", "pairlie_lol_sice", _LOL, dict(PSNR=19.7468, SSIM=0.7775)
    ),
    OriginalFigures("PairLIE, gamma 0.2", "pairlie", "pairlie_sice", _LOL, dict(PSNR=17.2270, SSIM=0.7869)),
    OriginalFigures("EnhanceNet-PAT", "enhancenet", "enhancenet_pat_x4", "Set5", dict(PSNR=28.573), _TF1),
    OriginalFigures("EnhanceNet-PAT", "enhancenet", "enhancenet_pat_x4", "Set14", dict(PSNR=25.775), _TF1),
    # With PyTorch's bicubic instead of TensorFlow 1's, which the weights were trained with.
    OriginalFigures(
        "EnhanceNet-PAT, wrong bicubic", "enhancenet", "enhancenet_pat_x4", "Set5", dict(PSNR=25.328)
    ),
    OriginalFigures(
        "EnhanceNet-PAT, wrong bicubic", "enhancenet", "enhancenet_pat_x4", "Set14", dict(PSNR=23.665)
    ),
)


def original_statements(weights: Path, configs: Path, converted: Path) -> Iterator[Statement]:
    """Convert the authors' weights, and give what their code makes with them.

    Args:
        weights: Folder of the authors' files, ``<method>_…official.…``; methods without one are left out. If
            a file cannot be converted here, its statements say why.
        configs: The folder of the configs.
        converted: Folder for the converted weights.

    Raises:
        UserError: If there are none.
    """
    files = {path.name.partition("_official")[0]: path for path in sorted(weights.glob("*_official.*"))}
    if not files:
        raise UserError(
            f"There are no files <method>_official.* in {weights} (looked for from {Path.cwd()})."
        )
    # EnhanceNet's file is named after the losses as well.
    files = {name.removesuffix("_pat"): path for name, path in files.items()}
    sources: dict[str, tuple[Path | None, str]] = {}
    for each in ORIGINAL_FIGURES:
        if each.method not in files:
            continue
        if each.method not in sources:
            sources[each.method] = _convert(each.method, files[each.method], converted)
        checkpoint, missing = sources[each.method]
        yield Statement(
            model=f"{each.name}, authors'",
            config=configs / each.method / f"{each.config}.py",
            checkpoint=checkpoint,
            dataset=each.dataset,
            figures=each.figures,
            options=each.options,
            missing=missing,
        )


def _convert(method: str, file: Path, folder: Path) -> tuple[Path | None, str]:
    """Convert a file of the authors; gives the checkpoint, or None and why there is none."""
    checkpoint = folder / f"{method}.pth"
    try:
        official = official_weights(method)
        write_checkpoint(checkpoint, official.convert(official.read(file)), {})
    except UserError as error:
        return None, str(error)
    return checkpoint, ""
