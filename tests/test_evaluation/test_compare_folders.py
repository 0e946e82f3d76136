import numpy as np
import pytest

from mmlle.evaluation.compare_folders import compare_folders, find_images
from mmlle.evaluation.functional import psnr, ssim
from mmlle.media.image_io import write_image
from mmlle.testing import dark_image
from mmlle.utils.errors import UserError


def test_images_are_measured_by_name_whatever_their_type(tmp_path):
    images = [dark_image(20, 30, seed=0), dark_image(16, 24, seed=1)]
    for index, image in enumerate(images):
        write_image(tmp_path / f"truth/sub/{index}.png", image)
        write_image(tmp_path / f"dark/sub/{index}.bmp", image // 2)
        write_image(tmp_path / f"same/sub/{index}.png", image)
    folders = [find_images(tmp_path / name) for name in ("dark", "same")]
    assert list(folders[0]) == ["sub/0", "sub/1"]
    dark, same = compare_folders(folders, find_images(tmp_path / "truth"))
    expected = [[measure(image // 2, image) for measure in (psnr, ssim)] for image in images]
    np.testing.assert_allclose(dark, expected)
    np.testing.assert_allclose(same, [[120, 1]] * 2)


def test_what_does_not_belong_together_is_named(tmp_path):
    write_image(tmp_path / "truth/a.png", dark_image(20, 20))
    truth = find_images(tmp_path / "truth")
    with pytest.raises(UserError, match="no image below .*dark"):
        find_images(tmp_path / "dark")
    write_image(tmp_path / "dark/b.png", dark_image(20, 20))
    with pytest.raises(UserError, match=r"truth/a\.png has no counterpart"):
        compare_folders([find_images(tmp_path / "dark")], truth)
    write_image(tmp_path / "dark/a.png", dark_image(20, 24))
    with pytest.raises(UserError, match=r"dark/a\.png.*20x24.*truth/a\.png.*20x20"):
        compare_folders([find_images(tmp_path / "dark")], truth)
    write_image(tmp_path / "small/a.png", dark_image(8, 20))
    small = find_images(tmp_path / "small")
    with pytest.raises(UserError, match=r"small/a\.png: .*11x11.*8x20"):
        compare_folders([small], small)
