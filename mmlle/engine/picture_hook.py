from collections.abc import Sequence
from pathlib import Path

from mmagic.structures import DataSample
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmlle.evaluation.summary import numbered
from mmlle.media.contact_sheet import side_by_side
from mmlle.media.image_io import write_image
from mmlle.media.tensor_image import tensor_to_image
from mmlle.registry import HOOKS

__all__ = ["PictureHook"]


@HOOKS.register_module()
class PictureHook(Hook):
    """Save pictures of validation and test results.

    Validation: input, output and (if there is one) ground truth side by side, for people to follow the
    training, through the visualizer: its local backend writes
    ``<work_dir>/<time>/vis_data/vis_image/<key>_<iteration>.png``, TensorBoard's shows them too.
    Test: the output alone, in ``<show_dir>/<key>.png``, and each further picture that the model predicts in
    ``<show_dir>/<name>/<key>.png``.
    The key is a meta key of PackInputs; samples without it have the name of their file. Of several images of
    one name, as data sets that are joined may have, the second one is ``<key> (2)``, and so on, counted in
    each process.

    Args:
        num_validation: Number of images of which a validation saves pictures.
        show_dir: Folder of the test's pictures; None for none.
    """

    def __init__(self, num_validation: int = 8, show_dir: str | None = None) -> None:
        self.num_validation = num_validation
        self.show_dir = show_dir
        self._shown = 0
        self._files: dict[str, list[str]] = {}

    def before_val_epoch(self, runner: Runner) -> None:
        """Count anew."""
        self._shown = 0

    def before_test(self, runner: Runner) -> None:
        """Know no names yet."""
        self._files = {}

    def after_val_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: Sequence[DataSample] = (),
    ) -> None:
        """Save comparisons."""
        for sample in outputs[: self.num_validation - self._shown]:
            self._shown += 1
            images = [sample.input, sample.output.pred_img]
            if "gt_img" in sample:
                images.append(sample.gt_img)
            picture = side_by_side([tensor_to_image(image) for image in images])
            # The local backend takes the name for a file name, without making folders.
            name = sample_name(sample).replace("/", "_")
            runner.visualizer.add_image(name, picture[..., ::-1], step=runner.iter)

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: Sequence[DataSample] = (),
    ) -> None:
        """Save results."""
        if self.show_dir is None:
            return
        for sample in outputs:
            key = self._own_name(sample)
            for name, image in sample.output.items():
                folder = Path(self.show_dir, "" if name == "pred_img" else name)
                write_image(folder / f"{key}.png", tensor_to_image(image))

    def _own_name(self, sample: DataSample) -> str:
        """Name a sample as no other; several processes may get one image twice, which has one name."""
        name = sample_name(sample)
        files = self._files.setdefault(name, [])
        file = str(sample.get("img_path", ""))
        if file not in files:
            files.append(file)
        return numbered(name, files.index(file) + 1)


def sample_name(sample: DataSample) -> str:
    """Name a sample: its key, or without one its file's name."""
    return sample.key if "key" in sample else Path(sample.img_path).stem
