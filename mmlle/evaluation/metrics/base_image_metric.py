import inspect
import logging
from abc import abstractmethod
from collections.abc import Sequence, Sized
from dataclasses import dataclass
from itertools import count
from typing import Any, cast

from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from torch import nn
from torch.utils.data import DataLoader

from mmlle.evaluation.summary import numbered, summarise
from mmlle.utils.errors import UndefinedMeasureError

__all__ = ["BaseImageMetric", "ImageResult"]


@dataclass(frozen=True)
class ImageResult:
    """What was measured of an image.

    Attributes:
        name: Of the image.
        values: By the names of the figures; None for those that do not apply to it.
        undefined: Why nothing could be measured; empty if something was.
    """

    name: str
    values: dict[str, float | None]
    undefined: str = ""


class BaseImageMetric(BaseMetric):
    """What all metrics share: a mean over images, in MMEngine's Evaluator and in MMagic's alike.

    A metric writes :meth:`measure_sample`. An image that the metric is not defined for is left out of the
    mean, and a line of the log says how many were, and why. The figures are the same in any number of
    processes: every image counts once, in the order of the data set.

    Processes exchange what they have measured by messages: MMEngine's ``collect_device='cpu'`` would need a
    working directory that all of them can write to.

    MMagic's Evaluator groups its metrics by the images that they need, lets each prepare itself, and asks for
    the result without giving the size of the data set.

    Attributes:
        SAMPLER_MODE: The images that the metric needs; MMagic's name for those of the data set.
        sample_model: The model that makes them; MMagic's name for the trained one itself, not its average.
        values: Of each image of the last evaluation, by its name; in the main process.
    """

    default_prefix = ""
    SAMPLER_MODE = "normal"
    sample_model = "orig"

    def __init__(self, collect_device: str = "gpu", prefix: str | None = None) -> None:
        super().__init__(collect_device, prefix)
        self.values: dict[str, dict[str, float | None]] = {}
        self._size: int | None = None

    @property
    def options(self) -> dict[str, Any]:
        """The settings that the figures depend on, by the names of the constructor's arguments."""
        names = set(inspect.signature(type(self)).parameters) - {"collect_device", "prefix"}
        return {name: getattr(self, name) for name in sorted(names)}

    @abstractmethod
    def measure_sample(self, sample: dict) -> dict[str, float | None]:
        """Measure an image.

        Args:
            sample: A data sample as a dict: ``output.pred_img``, and where the data set has them ``input``
                and ``gt_img``, all (3, H, W), BGR in [0, 255]; ``key`` and ``img_path``.

        Returns:
            Values by the names of the figures; None for those that do not apply to the image.

        Raises:
            UndefinedMeasureError: If none can be measured.
        """

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Measure a batch.

        Args:
            data_batch: Unused.
            data_samples: See :meth:`measure_sample`.
        """
        for sample in data_samples:
            name = str(sample.get("key", sample.get("img_path", "?")))
            try:
                self.results.append(ImageResult(name, self.measure_sample(sample)))
            except UndefinedMeasureError as error:
                self.results.append(ImageResult(name, {}, str(error)))

    def compute_metrics(self, results: list[ImageResult]) -> dict[str, float]:
        """Average over the images, in the order of the data set."""
        self.values = {}
        for result in results:
            # Data sets that are joined may have images of one name.
            names = (numbered(result.name, number) for number in count(1))
            self.values[next(name for name in names if name not in self.values)] = result.values
        undefined = [result for result in results if result.undefined]
        if undefined:
            first = undefined[0]
            self.say(f"{len(undefined)} of {len(results)} images left out; {first.name}: {first.undefined}.")
        summary = summarise(self.values.values())
        return {
            name: float(mean) for name, figures in summary.items() if (mean := figures["mean"]) is not None
        }

    def say(self, text: str) -> None:
        """Log something that one must know to read the figures."""
        print_log(f"{type(self).__name__}: {text}", logger="current", level=logging.WARNING)

    def prepare(self, module: nn.Module, dataloader: DataLoader) -> None:
        """Note the size of the data set; MMagic's Evaluator calls it before the first batch.

        Args:
            module: Unused.
            dataloader: Loader of the data set.
        """
        self._size = len(cast(Sized, dataloader.dataset))

    def get_metric_sampler(
        self, model: nn.Module, dataloader: DataLoader, metrics: Sequence[BaseMetric]
    ) -> DataLoader:
        """Give MMagic's Evaluator the batches to evaluate: those of the data loader.

        Args:
            model: Unused.
            dataloader: Loader of the data set.
            metrics: Unused; all metrics that share these batches.
        """
        return dataloader

    def evaluate(self, size: int | None = None) -> dict[str, float]:
        """Evaluate what was processed, in all processes together.

        Args:
            size: Number of images of the data set, what several processes have evaluated twice not counted.
                None for the size that :meth:`prepare` has noted.

        Returns:
            The figures by name.

        Raises:
            RuntimeError: If there is no size.
        """
        if size is None:
            size = self._size
        if size is None:
            raise RuntimeError(
                f"{type(self).__name__}.evaluate() needs the size of the data set, or prepare() before it."
            )
        return super().evaluate(size)
