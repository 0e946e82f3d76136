import os

from mmlle.registry import DATASETS

from .image_folder_dataset import ImageFolderDataset, MissingDataError, stem

__all__ = ["LowLightDataset"]


@DATASETS.register_module()
class LowLightDataset(ImageFolderDataset):
    """A folder of photographs, with or without ground truth.

    Ground truth has the same path below its own folder; its file type may differ.

    Each sample of the pipeline starts as ``img_path``, ``gt_path`` (with ground truth) and ``key``, the path
    below the folder without its ending.

    ``data_prefix`` names ``img``, the folder of the images (default: ``data_root`` itself), and ``gt``, the
    folder of the ground truth (default: None). The other arguments are those of :class:`ImageFolderDataset`.

    Raises:
        MissingDataError: If a folder is missing, holds no image, or lacks the ground truth of an image.

    Examples:
        >>> dataset = LowLightDataset('photos', pipeline=[dict(type='mmlle.LoadImage')], test_mode=True)
        >>> dataset[0]['img'].shape
        (400, 600, 3)
    """

    METAINFO = dict(dataset_type="low_light", task_name="low_light_enhancement")
    PREFIXES = dict(img="", gt=None)

    def load_data_list(self) -> list[dict]:
        """Pair the images of the folders; see the class."""
        samples = self._samples("img")
        if "gt" not in self.data_prefix:
            return samples
        found = self._find("gt")
        # Of a.jpg and a.png, each goes with its own.
        truths = {stem(path): path for path in found} | {path: path for path in found}
        images = [os.path.relpath(sample["img_path"], self.data_prefix["img"]) for sample in samples]
        missing = []
        for sample, path in zip(samples, images, strict=True):
            truth = truths.get(path, truths.get(stem(path)))
            if truth is None:
                missing.append(path)
            else:
                sample["gt_path"] = os.path.join(self.data_prefix["gt"], truth)
        if missing:
            raise MissingDataError(
                f"{len(missing)} of the {len(images)} images in {self.data_prefix['img']} have no ground "
                f"truth of the same name in {self.data_prefix['gt']}: {', '.join(missing[:5])}"
                f"{', ...' if len(missing) > 5 else ''}. Add it, or set data_prefix.gt=None."
            )
        return samples
