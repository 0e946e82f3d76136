"""Test again what is stated: the results of the metafiles, and those of the authors' weights."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.fileio import load
from mmengine.registry import DefaultScope

from mmlle.apis.testing import test
from mmlle.registry import MODELS
from mmlle.utils.checkpoint_io import check_weights, read_checkpoint
from mmlle.utils.denormals import NEGLIGIBLE
from mmlle.utils.errors import UserError, one_line

__all__ = ["DATASETS", "Outcome", "Statement", "check", "faults_of_weights", "metafile_statements"]

#: Folders below the root in which the data sets of results are looked for, the first that is there.
DATASETS = {
    "LOL v1, 7 of the 15 test pairs": ("lol_eval7",),
    "LOL v1": ("LOL/eval15",),
    "Set5": ("Set5", "set5"),
    "Set14": ("Set14", "set14"),
}

#: By how much a figure may differ from what is stated: by the rounding of the statement, and a little for
#: another processor. Of other metrics, by one in a hundred.
_TOLERANCES = {"PSNR": 0.005, "SSIM": 0.0005}


@dataclass(frozen=True)
class Statement:
    """Figures that somebody has stated.

    Attributes:
        model: Name of the model.
        config: Its config.
        checkpoint: Its weights; None if there are none.
        dataset: One of :data:`DATASETS`.
        figures: Metrics by name.
        options: Settings that replace the config's.
        missing: Why there are no weights.
    """

    model: str
    config: Path
    checkpoint: Path | None
    dataset: str
    figures: Mapping[str, float]
    options: Mapping[str, Any] = field(default_factory=dict)
    missing: str = "no weights"


@dataclass(frozen=True)
class Outcome:
    """What became of a statement.

    Attributes:
        statement: The statement.
        measured: Metrics by name; empty if it could not be tested.
        untested: Why it could not; empty if it was.
    """

    statement: Statement
    measured: Mapping[str, float] = field(default_factory=dict)
    untested: str = ""

    @property
    def differing(self) -> list[str]:
        """The metrics that are not what is stated."""
        if self.untested:
            return []
        return [name for name, stated in self.statement.figures.items() if not self._agrees(name, stated)]

    def _agrees(self, name: str, stated: float) -> bool:
        tolerance = _TOLERANCES.get(name, abs(stated) / 100)
        return name in self.measured and abs(self.measured[name] - stated) <= tolerance


def metafile_statements(configs: Path) -> Iterator[Statement]:
    """Read the results of the metafiles.

    Args:
        configs: The folder of the configs. The weights that metafiles name lie below the folder above it.
    """
    for metafile in sorted(configs.glob("*/metafile.yml")):
        for model in load(metafile)["Models"]:
            weights = model.get("Weights")
            for result in model.get("Results") or []:
                yield Statement(
                    model=model["Name"],
                    config=configs.parent / model["Config"],
                    checkpoint=configs.parent / weights if weights else None,
                    dataset=result["Dataset"],
                    figures=result["Metrics"],
                )


def check(statements: Iterable[Statement], root: str | Path, work_dir: str | Path) -> Iterator[Outcome]:
    """Test statements whose weights and data are at hand, as ``tools/test.py`` does.

    Args:
        statements: The statements.
        root: Folder of the data sets, see :data:`DATASETS`.
        work_dir: Folder for the logs.

    Yields:
        The outcome of each.
    """
    for number, statement in enumerate(statements):
        folders = [Path(root, name) for name in DATASETS.get(statement.dataset, ())]
        folder = next((folder for folder in folders if folder.is_dir()), None)
        if statement.checkpoint is None:
            yield Outcome(statement, untested=statement.missing)
        elif folder is None:
            yield Outcome(statement, untested="no data")
        else:
            yield Outcome(statement, _test(statement, folder, Path(work_dir, str(number))))


def _test(statement: Statement, data: Path, work_dir: Path) -> dict[str, float]:
    config = Config.fromfile(statement.config)
    config.merge_from_dict(
        {
            "work_dir": str(work_dir),
            # Tests of one config within a second would share a visualizer.
            "experiment_name": f"check_{work_dir.name}",
            "log_level": "ERROR",
            "test_dataloader.dataset.data_root": str(data),
            "test_dataloader.num_workers": 0,
            "test_dataloader.persistent_workers": False,
            **statement.options,
        }
    )
    return test(config, str(statement.checkpoint))


def faults_of_weights(path: Path, config: Path) -> list[str]:
    """Look for faults in a file of weights that is shipped.

    Args:
        path: The file.
        config: The config of its model.

    Returns:
        What is wrong: that its name is not ``<config stem>_<yyyymmdd>-<8 hex of its SHA-256>.pth``; that the
        weights do not load strictly, are not finite, or hold denormal numbers.
    """
    if not path.is_file():
        return [f"there is no file {path}"]
    faults = []
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    if not re.fullmatch(rf"{re.escape(config.stem)}_\d{{8}}-{digest}", path.stem):
        faults.append(f"its name should be {config.stem}_<day>-{digest}.pth")
    try:
        weights = read_checkpoint(path)["state_dict"]
    except UserError as error:
        return [*faults, str(error)]
    with DefaultScope.overwrite_default_scope("mmlle"):
        model = MODELS.build(Config.fromfile(config).model)
    try:
        check_weights(model, weights, path)
    except UserError as error:
        faults.append(one_line(str(error)))
    floats = [value for value in weights.values() if value.is_floating_point()]
    if any(((value != 0) & (value.abs() <= NEGLIGIBLE)).any() for value in floats):
        faults.append("weights are denormal")
    return faults
