import os

import numpy as np

from mmlle.registry import DATASETS

from .image_folder_dataset import ImageFolderDataset, stem

__all__ = ["UnpairedLowLightDataset"]


@DATASETS.register_module()
class UnpairedLowLightDataset(ImageFolderDataset):
    """Low-light photographs, and well-lit ones that have nothing to do with them.

    The folders may hold different numbers of images, of any names and sizes, in sub-folders too. A pass goes
    once through the larger set; for each image of it one of the other set is drawn at random, another one in
    each pass (see :class:`SeededDataset`).

    Each sample of the pipeline starts as ``img_path`` (low light), ``normal_path`` and ``key``, the path of
    the low-light image below its folder without its ending.

    ``data_prefix`` names ``img``, the folder of the low-light images (default: ``low``), and ``normal``, that
    of the well-lit ones (default: ``normal``). ``indices`` choose among the larger set. The other arguments
    are those of :class:`ImageFolderDataset`.

    Raises:
        MissingDataError: If a folder is missing or holds no image.
    """

    METAINFO = dict(dataset_type="unpaired_low_light", task_name="low_light_enhancement")
    PREFIXES = dict(img="low", normal="normal")

    def load_data_list(self) -> list[dict]:
        """List the larger set, and keep the other one to draw from; see the class."""
        low = [
            dict(key=stem(path), img_path=os.path.join(self.data_prefix["img"], path))
            for path in self._find("img")
        ]
        normal = [
            dict(normal_path=os.path.join(self.data_prefix["normal"], path)) for path in self._find("normal")
        ]
        larger, self.others = (low, normal) if len(low) >= len(normal) else (normal, low)
        return larger

    def prepare_data(self, idx: int) -> dict:
        """Draw the other image of a sample and put both through the pipeline."""
        other = self.others[np.random.randint(len(self.others))]
        return self.pipeline({**self.get_data_info(idx), **other})
