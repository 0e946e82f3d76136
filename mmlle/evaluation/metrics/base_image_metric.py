from collections.abc import Sequence, Sized
from typing import cast

from mmengine.evaluator import BaseMetric
from torch import nn
from torch.utils.data import DataLoader

__all__ = ["BaseImageMetric"]


class BaseImageMetric(BaseMetric):
    """What all metrics share: MMEngine's Evaluator and MMagic's use them alike.

    MMagic's groups its metrics by the images that they need, lets each prepare itself, and asks for the
    result without giving the size of the data set.

    Attributes:
        SAMPLER_MODE: The images that the metric needs; MMagic's name for those of the data set.
        sample_model: The model that makes them; MMagic's name for the trained one itself, not its average.
    """

    default_prefix = ""
    SAMPLER_MODE = "normal"
    sample_model = "orig"

    def __init__(self, collect_device: str = "cpu", prefix: str | None = None) -> None:
        super().__init__(collect_device, prefix)
        self._size: int | None = None

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
