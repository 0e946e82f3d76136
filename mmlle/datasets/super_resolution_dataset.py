from mmlle.registry import DATASETS

from .image_folder_dataset import ImageFolderDataset

__all__ = ["SuperResolutionDataset"]


@DATASETS.register_module()
class SuperResolutionDataset(ImageFolderDataset):
    """A folder of high-resolution photographs, from which the pipeline makes the low-resolution input.

    Each sample of the pipeline starts as ``gt_path``, the photograph, ``img_path``, the same file, since the
    input comes from it too (see the transform :class:`MakeLowResolution`), and ``key``, the path below the
    folder without its ending.

    ``data_prefix`` names ``gt``, the folder of the photographs (default: ``data_root`` itself). The other
    arguments are those of :class:`ImageFolderDataset`.

    Raises:
        MissingDataError: If the folder is missing or holds no image.
    """

    METAINFO = dict(dataset_type="super_resolution", task_name="super_resolution")
    PREFIXES = dict(gt="")

    def load_data_list(self) -> list[dict]:
        """List the photographs."""
        return [sample | dict(img_path=sample["gt_path"]) for sample in self._samples("gt")]
