from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmagic.structures import DataSample
from PIL import Image

from mmlle.engine import PictureHook
from mmlle.registry import HOOKS

BLUE, GREEN, RED = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def tensor(colour, size=(2, 3)):
    return torch.tensor(colour).float().view(3, 1, 1).expand(3, *size)


def sample(key="a", truth=None, path="", **more):
    result = DataSample(metainfo=dict(key=key, img_path=path))
    result.set_tensor_data(dict(input=tensor(BLUE)))
    result.output = DataSample(pred_img=tensor(GREEN), **more)
    if truth is not None:
        result.set_tensor_data(dict(gt_img=truth))
    return result


@pytest.fixture
def runner():
    """What the hook uses of a Runner; it keeps the pictures that it is to show."""
    shown = []

    def add_image(name, picture, step):
        shown.append((name, picture, step))

    return SimpleNamespace(
        visualizer=SimpleNamespace(add_image=add_image),
        iter=40,
        shown=shown,
    )


class TestValidation:
    def test_input_output_and_truth_side_by_side_as_rgb(self, runner):
        PictureHook().after_val_iter(runner, 0, outputs=[sample("a", truth=tensor(RED))])
        ((name, picture, step),) = runner.shown
        assert (name, step) == ("a", 40)
        assert picture.shape == (2, 9, 3)
        assert picture.dtype == np.uint8
        assert [picture[0, x].tolist() for x in (0, 3, 6)] == [[0, 0, 255], [0, 255, 0], [255, 0, 0]]

    def test_a_sample_without_key_has_the_name_of_its_file(self, runner):
        # MMagic's pipelines pack the path, and no key.
        one = sample()
        one.set_metainfo(dict(img_path="data/low/b.1.png"))
        del one.key
        PictureHook().after_val_iter(runner, 0, outputs=[one])
        assert runner.shown[0][0] == "b.1"

    def test_without_truth(self, runner):
        PictureHook().after_val_iter(runner, 0, outputs=[sample()])
        assert runner.shown[0][1].shape == (2, 6, 3)

    def test_a_truth_of_another_size_is_shown_beside_them(self, runner):
        PictureHook().after_val_iter(runner, 0, outputs=[sample(truth=tensor(RED, (4, 1)))])
        picture = runner.shown[0][1]
        assert picture.shape == (4, 7, 3)
        assert picture[3, 6].tolist() == [255, 0, 0]
        assert not picture[2:, :6].any()

    @pytest.mark.parametrize(
        ("number", "shown"), [(0, []), (1, ["0"]), (3, ["0", "1", "2"]), (9, list("01234"))]
    )
    def test_so_many_and_no_more(self, runner, number, shown):
        hook = PictureHook(num_validation=number)
        for _ in range(2):
            hook.before_val_epoch(runner)
            for index, keys in enumerate(["01", "23", "4"]):
                hook.after_val_iter(runner, index, outputs=[sample(key) for key in keys])
        assert [name for name, *_ in runner.shown] == 2 * shown

    def test_a_name_with_folders_is_one_file_name(self, runner):
        PictureHook().after_val_iter(runner, 0, outputs=[sample("street/1/a")])
        assert runner.shown[0][0] == "street_1_a"


class TestTest:
    def pictures(self, folder):
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))

    def test_the_output_under_the_name_of_the_image(self, runner, tmp_path):
        hook = PictureHook(show_dir=str(tmp_path))
        hook.after_test_iter(runner, 0, outputs=[sample("a"), sample("street/1/b")])
        assert self.pictures(tmp_path) == ["a.png", "street/1/b.png"]
        pixels = np.asarray(Image.open(tmp_path / "a.png"))
        assert pixels.shape == (2, 3, 3)
        assert (pixels == (0, 255, 0)).all()
        assert not runner.shown

    def test_images_of_one_name_do_not_replace_each_other(self, runner, tmp_path):
        hook = PictureHook(show_dir=str(tmp_path))
        for _ in range(2):
            hook.before_test(runner)
            # The first one twice, as several processes may get it.
            for path in ("lol/a.png", "sice/a.png", "lol/a.png"):
                hook.after_test_iter(runner, 0, outputs=[sample("a", path=path, reflectance=tensor(RED))])
            names = ["a (2).png", "a.png"]
            assert self.pictures(tmp_path) == [*names, *(f"reflectance/{name}" for name in names)]

    def test_colours_are_not_swapped(self, runner, tmp_path):
        one = sample("a")
        one.output.pred_img = tensor((10, 20, 200))  # BGR
        PictureHook(show_dir=str(tmp_path)).after_test_iter(runner, 0, outputs=[one])
        assert np.asarray(Image.open(tmp_path / "a.png"))[0, 0].tolist() == [200, 20, 10]

    def test_further_pictures_lie_in_folders_of_their_own(self, runner, tmp_path):
        hook = PictureHook(show_dir=str(tmp_path))
        hook.after_test_iter(runner, 0, outputs=[sample("n/a", reflectance=tensor(RED))])
        assert self.pictures(tmp_path) == ["n/a.png", "reflectance/n/a.png"]

    def test_nothing_without_a_folder(self, runner, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        PictureHook().after_test_iter(runner, 0, outputs=[sample("a")])
        assert not list(tmp_path.iterdir())


def test_it_is_registered():
    assert HOOKS.build(dict(type="PictureHook", num_validation=3)).num_validation == 3
