import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest
import torch
from PIL import Image

from mmlle.apis import LowLightInferencer
from mmlle.look import Look
from mmlle.media.image_io import UnreadableImageError, encode_image, read_image
from mmlle.media.image_kinds import to_bgr, to_rgb
from mmlle.media.tensor_image import tensor_to_image
from mmlle.registry import MODELS
from mmlle.testing import dark_image, read_film, tiny_enhancenet, write_film, write_images
from mmlle.utils.errors import UserError


@pytest.fixture
def enhance(workspace):
    return LowLightInferencer("config.py", "weights.pth", device="cpu", look=Look.as_trained())


def expected(workspace, image):
    rgb = torch.from_numpy(image[..., ::-1].copy()).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        return tensor_to_image(workspace.model(rgb)[0].flip(0) * 255)


class TestCall:
    def test_an_image(self, enhance, workspace):
        image = dark_image(12, 15)
        result = enhance(image)
        assert np.array_equal(result, expected(workspace, image))
        assert not np.array_equal(result, image)
        assert result.flags.c_contiguous
        assert np.array_equal(image, dark_image(12, 15))

    def test_an_image_that_is_a_view(self, enhance):
        image = dark_image(12, 15)
        view = np.ascontiguousarray(image[:, ::-1])[:, ::-1]
        view.flags.writeable = False
        assert np.array_equal(enhance(view), enhance(image))

    @pytest.mark.parametrize("size", [(1, 1), (7, 5), (1, 300), (37, 53)])
    def test_any_size(self, enhance, size):
        assert enhance(dark_image(*size)).shape == (*size, 3)

    @pytest.mark.parametrize("kind", [str, Path])
    def test_a_file(self, enhance, kind):
        write_images(".", ["x.png"], size=(12, 15))
        assert np.array_equal(enhance(kind("x.png")), enhance(dark_image(12, 15)))

    def test_a_folder(self, enhance):
        write_images("in", ["b.png", "a/c.png"])
        results = enhance("in")
        assert len(results) == 2
        assert np.array_equal(results[0], enhance("in/a/c.png"))
        assert np.array_equal(results[1], enhance("in/b.png"))

    def test_several_inputs_of_different_kinds_and_sizes(self, enhance):
        write_images("in", ["x.png"], size=(12, 15))
        images = dark_image(5, 6), dark_image(8, 3)
        results = enhance([images[0], "in", images[1]])
        assert [r.shape[:2] for r in results] == [(5, 6), (12, 15), (8, 3)]
        assert isinstance(enhance((images[0],)), list)

    def test_results_lie_as_their_images_do(self, enhance, workspace):
        write_images("in", ["b.png", "a/c.BMP"])
        written = enhance(["in", dark_image(4, 4), dark_image(5, 5)], out_dir="out/new")
        names = ["a/c.BMP", "b.png", "0000.png", "0001.png"]
        assert written == [Path("out/new", name) for name in names]
        assert workspace.files("out/new") == sorted(names)
        assert np.array_equal(read_image("out/new/a/c.BMP"), enhance("in/a/c.BMP"))
        assert read_image("out/new/0001.png").shape == (5, 5, 3)

    def test_one_that_fails_leaves_the_others(self, enhance, workspace):
        broken = np.full((4, 4, 3), np.nan, np.float32)
        with pytest.raises(UserError, match=r"^out/0000\.png: Some of the image's values are NaN"):
            enhance([broken, dark_image(4, 4)], out_dir="out")
        assert workspace.files("out") == ["0001.png"]

    def test_bytes_of_any_type_are_one_image(self, enhance):
        content = encode_image(dark_image(4, 5), "x.png")
        assert enhance(bytearray(content)) == enhance(memoryview(content)) == enhance(content)

    def test_images_without_a_file_keep_depth_and_alpha(self, enhance):
        deep = np.dstack([dark_image(4, 5), np.arange(20).reshape(4, 5)]).astype(np.uint16) * 257
        (path,) = enhance([deep], out_dir="out")
        written = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert written.dtype == np.uint16
        assert np.array_equal(written, enhance(deep))

    def test_a_file_is_read_as_it_is_where_the_result_is_written(self, enhance):
        deep = dark_image(4, 5).astype(np.uint16) * 257 + 90
        cv2.imwrite("deep.png", deep)
        (path,) = enhance(["deep.png"], out_dir="out")
        written = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(enhance("deep.png"), np.rint(written / 257))

    def test_a_jpeg_stays_a_jpeg(self, enhance):
        write_images("in", ["x.jpg"])
        assert enhance("in/x.jpg", out_dir="out") == [Path("out/x.jpg")]
        assert Image.open("out/x.jpg").format == "JPEG"

    def test_an_unreadable_file(self, enhance):
        Path("x.png").write_bytes(b"nothing")
        with pytest.raises(UnreadableImageError, match=r"x\.png"):
            enhance("x.png")

    def test_gradients_are_not_kept(self, enhance):
        enhance(dark_image(4, 4))
        assert all(p.grad is None for p in enhance.backend.model.parameters())
        assert not enhance.backend.model.training


def in_a_test(config, image):
    """What MMEngine's test loop makes of an image, with the pipeline of a config."""
    from mmengine.config import Config
    from mmengine.dataset import Compose, pseudo_collate
    from mmengine.registry import DefaultScope

    from mmlle.registry import MODELS

    config = Config.fromfile(config)
    with DefaultScope.overwrite_default_scope("mmlle"):
        pipeline = Compose([dict(type="mmagic.PackInputs", keys=["img"])])
        model = MODELS.build(config.model).eval()
    model.load_state_dict(torch.load("weights.pth", weights_only=True))
    data = pseudo_collate([pipeline(dict(img=image, img_channel_order="BGR"))])
    with torch.no_grad():
        (sample,) = model.test_step(data)
    return tensor_to_image(sample.output.pred_img)


class TestDataPreprocessor:
    """The config's is used, as in training and testing."""

    @pytest.mark.parametrize(
        "settings",
        [
            dict(type="EnhancerDataPreprocessor"),
            dict(type="EnhancerDataPreprocessor", mean=20.0, std=100.0),
            dict(type="mmagic.DataPreprocessor", mean=[0, 10, 20], std=[255, 200, 250]),
            dict(type="mmagic.DataPreprocessor", mean=[1, 2, 3], std=[4, 5, 6], output_channel_order="RGB"),
            dict(type="mmagic.DataPreprocessor", mean=[0], std=[255], pad_size_divisor=8),
            dict(type="mmagic.DataPreprocessor", mean=[0], std=[255], stack_data_sample=False),
        ],
    )
    def test_the_result_is_that_of_a_test(self, workspace, settings):
        Path("other.py").write_text(
            Path("config.py").read_text() + f"\nmodel.update(data_preprocessor={settings})\n"
        )
        image = dark_image(13, 21)
        result = LowLightInferencer("other.py", "weights.pth", "cpu", Look.as_trained())(image)
        assert result.shape == image.shape
        if settings.get("stack_data_sample", True):  # our models' prediction takes stacked ones
            assert np.array_equal(result, in_a_test("other.py", image))
        else:
            rgb = torch.from_numpy(image).permute(2, 0, 1)[None] / 255
            with torch.no_grad():
                assert np.array_equal(result, tensor_to_image(workspace.model(rgb)[0] * 255))

    def test_another_one_gives_another_result(self, workspace, enhance):
        settings = dict(type="EnhancerDataPreprocessor", mean=20.0, std=100.0)
        Path("other.py").write_text(
            Path("config.py").read_text() + f"\nmodel.update(data_preprocessor={settings})\n"
        )
        image = dark_image(13, 21)
        other = LowLightInferencer("other.py", "weights.pth", "cpu", Look.as_trained())(image)
        assert not np.array_equal(other, enhance(image))


class TestKinds:
    def test_the_like_comes_out(self, enhance):
        image = dark_image(12, 15)
        expected = enhance(image)
        rgb = np.ascontiguousarray(image[..., ::-1])
        pil = enhance(PIL.Image.fromarray(rgb))
        tensor = enhance(torch.from_numpy(rgb).permute(2, 0, 1) / 255)
        assert np.array_equal(np.asarray(pil)[..., ::-1], expected)
        assert (tensor.shape, tensor.dtype) == ((3, 12, 15), torch.float32)
        assert np.array_equal(np.rint(255 * tensor.permute(1, 2, 0).numpy()[..., ::-1]), expected)
        content = enhance(encode_image(image, "x.png"))
        assert np.array_equal(to_bgr(to_rgb(content)[0]), expected)

    def test_all_of_them_into_a_folder(self, enhance, workspace):
        image = dark_image(12, 15)
        pil = PIL.Image.fromarray(np.ascontiguousarray(image[..., ::-1]))
        written = enhance([image, pil, encode_image(image, "x.bmp")], out_dir="out")
        assert written == [Path("out", f"000{i}.png") for i in range(3)]
        assert all(np.array_equal(read_image(path), enhance(image)) for path in written)

    def test_others_are_refused(self, enhance):
        with pytest.raises(UserError, match=r"An array is .* got \(12, 15, 3\) of int64"):
            enhance(np.zeros((12, 15, 3), np.int64))
        with pytest.raises(UserError, match="got a dict"):
            enhance([{}])


def test_a_film_into_a_folder(enhance):
    pytest.importorskip("av")
    write_film("trip/walk.mp4", [np.full((48, 64, 3), 0.1, np.float32)] * 3)
    write_images("trip", ["x.png"])
    with pytest.raises(UserError, match=r"^trip/walk\.mp4 is a film: give out_dir, a"):
        enhance("trip")
    written = enhance("trip", out_dir="bright")
    assert Path("bright/walk.mp4") in written
    assert len(written) == 2
    before, after = (read_film(Path(folder, "walk.mp4"))[1] for folder in ("trip", "bright"))
    assert len(after) == len(before)
    assert abs(np.mean(after) - np.mean(before)) > 1


def test_results_that_are_there_are_not_replaced_unasked(enhance):
    write_images("in", ["x.png", "y.png"])
    Path("out").mkdir()
    Path("out/y.png").write_bytes(b"old")
    with pytest.raises(UserError, match=r"out/y\.png is there already; overwrite=True"):
        enhance("in", out_dir="out")
    assert sorted(os.listdir("out")) == ["y.png"]
    assert Path("out/y.png").read_bytes() == b"old"
    enhance("in", out_dir="out", overwrite=True)
    assert np.array_equal(read_image("out/y.png"), enhance("in/y.png"))


def test_a_batch_by_strengths(enhance):
    images = np.random.default_rng(0).random((2, 3, 9, 14), np.float32)
    strengths = np.array([0, 1], np.float32)[:, None, None, None]
    result = enhance.enhance_batch(images, strengths)
    assert np.abs(result[0] - images[0]).max() < 1e-6
    assert np.abs(result[1] - images[1]).max() > 1e-3
    assert enhance.scale == 1


def test_several_threads_share_a_model(enhance):
    images = [dark_image(20 + i, 31 - i, seed=i) for i in range(12)]
    expected = [enhance(image) for image in images]
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(enhance, images))
    assert all(np.array_equal(*pair) for pair in zip(results, expected, strict=True))


def test_what_is_not_there_is_named(enhance, workspace):
    Path("empty").mkdir()
    for source in ("gone.png", "empty", "*.gone"):
        for options in ({}, {"out_dir": "out"}):
            with pytest.raises(UserError, match=rf"{re.escape(source)} .*{workspace.folder}"):
                enhance(source, **options)
    assert not Path("out").exists()


def test_a_pattern(enhance, workspace):
    write_images("in", ["b.png", "a.png", "c.bmp"])
    assert len(enhance("in/*.png")) == 2
    assert enhance("in/*.png", out_dir="out") == [Path("out/a.png"), Path("out/b.png")]


class TestOutDir:
    """The files go the way that they go in the command."""

    @pytest.fixture(autouse=True)
    def _nothing_begins(self, enhance, monkeypatch, request):
        if "done" not in request.node.name:
            monkeypatch.setattr(enhance, "enhance", lambda image: pytest.fail("it began"))
            monkeypatch.setattr(enhance, "enhance_photograph", lambda image: pytest.fail("it began"))

    def test_a_result_replaces_no_other_one(self, enhance):
        write_images(".", ["1/x.png", "2/x.png", "3/0000.png"])
        with pytest.raises(
            UserError, match=r"Two images would be written to out/x\.png.*one folder at a time"
        ):
            enhance(["1/x.png", "2/x.png"], out_dir="out")
        with pytest.raises(UserError, match=r"Two images would be written to out/0000\.png"):
            enhance(["3", dark_image(2, 2)], out_dir="out")

    @pytest.mark.parametrize("out", ["in", "./in/../in"])
    @pytest.mark.parametrize("source", ["in", "in/x.png"])
    def test_a_result_replaces_no_image(self, enhance, source, out):
        write_images("in", ["x.png", "y.png"])
        with pytest.raises(UserError, match="Choose another folder"):
            enhance([source, dark_image(2, 2)], out_dir=out)

    def test_a_name_with_an_ending_is_a_folder_all_the_same_and_is_done(self, enhance):
        write_images("in", ["x.png"])
        assert enhance("in/x.png", out_dir="out.png") == [Path("out.png/x.png")]

    def test_all_others_are_done_before_a_failure_is_told(self, enhance, workspace):
        write_images("in", ["a.png", "c.png"])
        Path("in/b.png").write_bytes(b"nothing")
        with pytest.raises(UserError, match=r"^Cannot read the image in/b\.png"):
            enhance(["in", dark_image(4, 4)], out_dir="out")
        assert workspace.files("out") == ["0000.png", "a.png", "c.png"]

    def test_an_interrupt_is_one_when_what_was_begun_is_done(self, enhance, workspace, monkeypatch):
        def interrupt(photograph):
            raise KeyboardInterrupt

        write_images("in", ["a.png"])
        monkeypatch.setattr(enhance, "enhance_photograph", interrupt)
        with pytest.raises(KeyboardInterrupt):
            enhance("in", out_dir="out")
        assert workspace.files("out") == []


class TestConstruction:
    def test_an_absent_checkpoint(self, workspace):
        with pytest.raises(UserError, match=rf"no checkpoint gone\.pth \(looked for from {workspace.folder}"):
            LowLightInferencer("config.py", "gone.pth")

    def test_a_checkpoint_of_another_model(self, workspace):
        torch.save({"conv1.weight": torch.zeros(3)}, "other.pth")
        with pytest.raises(UserError, match=r"(?s)other\.pth.*config\.py.*conv1\.weight"):
            LowLightInferencer("config.py", Path("other.pth"))

    def test_an_absent_config(self, workspace):
        with pytest.raises(UserError, match=r"There is no config gone\.py"):
            LowLightInferencer("gone.py", "weights.pth")

    def test_an_unknown_model(self, workspace):
        with pytest.raises(UserError, match="'retinex'.*sgz"):
            LowLightInferencer("retinex", "weights.pth")

    def test_a_config_without_shipped_weights(self, workspace):
        with pytest.raises(UserError, match=r"config\.py.*checkpoint"):
            LowLightInferencer("config.py")

    def test_a_config_with_a_scope_of_its_own(self, workspace):
        text = Path("config.py").read_text().replace('type="', 'type="mmlle.')
        text = text.replace("'type': '", "'type': 'mmlle.") + "\ndefault_scope = 'mmagic'\n"
        Path("other.py").write_text(text)
        image = dark_image(6, 7)
        results = [LowLightInferencer(c, "weights.pth", "cpu")(image) for c in ("config.py", "other.py")]
        assert np.array_equal(*results)

    def test_a_model_by_its_short_name(self, workspace, monkeypatch):
        from mmlle import zoo
        from mmlle.registry import MODELS

        folder = workspace.folder / "zoo"
        folder.mkdir()
        (folder / "index.json").write_text('{"tiny": {"config": "config.py", "weights": "tiny.pth"}}')
        torch.save(workspace.model.state_dict(), folder / "tiny.pth")
        monkeypatch.setattr(zoo, "_FOLDER", folder)
        monkeypatch.setattr(zoo, "_CONFIGS", workspace.folder)
        image = dark_image(6, 7)
        result = LowLightInferencer("tiny", None, "cpu", Look.as_trained())(image)
        assert np.array_equal(result, expected(workspace, image))
        assert MODELS.get("ZeroDCE") is type(workspace.model)


def test_super_resolution_goes_the_same_way(tmp_path, monkeypatch):
    from mmengine.config import Config

    from mmlle.registry import MODELS
    from mmlle.testing import tiny_enhancenet

    monkeypatch.chdir(tmp_path)
    model = MODELS.build(dict(tiny_enhancenet(), type="mmlle.EnhanceNet"))
    Config(dict(default_scope="mmlle", model=tiny_enhancenet())).dump("config.py")
    torch.save(dict(state_dict=model.state_dict()), "weights.pth")
    write_images("in", ["a.png"], size=(7, 5))
    (path,) = LowLightInferencer("config.py", "weights.pth", device="cpu")("in", out_dir="out")
    assert read_image(path).shape == (28, 20, 3)


class TestScale:
    def test_the_network_sees_a_reduced_image(self, workspace):
        from torch import nn

        look = Look.as_trained()
        enhance = LowLightInferencer("config.py", "weights.pth", "cpu", look, scale=4)
        sizes = []
        conv = next(
            module for module in enhance.backend.model.generator.modules() if isinstance(module, nn.Conv2d)
        )
        conv.register_forward_pre_hook(lambda _, inputs: sizes.append(tuple(inputs[0].shape[-2:])))
        image = dark_image(20, 30)
        result = enhance(image)
        assert sizes == [(5, 8)]
        assert not np.array_equal(result, image)

    @pytest.mark.parametrize("scale", [0, 0.5, -1, 65, float("nan")])
    def test_out_of_range(self, workspace, scale):
        with pytest.raises(UserError, match="scale must be 1 to 64"):
            LowLightInferencer("config.py", "weights.pth", "cpu", scale=scale)

    def test_a_method_without_a_curve(self):
        with pytest.raises(UserError, match="SGZ and Zero-DCE; 'pairlie' is none"):
            LowLightInferencer("pairlie", None, "cpu", scale=4)


class TestLook:
    def test_the_exposure_is_chosen_by_default(self, workspace):
        bright = np.full((20, 30, 3), 180, np.uint8)
        enhance = LowLightInferencer("config.py", "weights.pth", "cpu")
        assert enhance.look == Look()
        assert np.array_equal(enhance(bright), bright)

    def test_a_strength_acts(self, workspace):
        image = dark_image(20, 30)
        results = [
            LowLightInferencer("config.py", "weights.pth", "cpu", Look(strength=s, denoise="off"))(image)
            for s in (0, 0.5, 1)
        ]
        assert np.array_equal(results[0], image)
        shifts = [np.abs(result.astype(int) - image).mean() for result in results]
        assert shifts[0] < shifts[1] < shifts[2]

    def test_a_config_can_carry_its_own(self, workspace):
        text = (workspace.folder / "config.py").read_text() + "\nlook = dict(exposure=0.5, shadows='off')\n"
        (workspace.folder / "other.py").write_text(text)
        assert LowLightInferencer("other.py", "weights.pth", "cpu").look == Look(exposure=0.5, shadows="off")
        for given, look in (dict(shadows=0.3), Look(0.5, 0.3)), (Look(shadows=0.3), Look("auto", 0.3)):
            assert LowLightInferencer("other.py", "weights.pth", "cpu", given).look == look

    def test_super_resolution_has_none(self, workspace):
        config = dict(default_scope="mmlle", model=tiny_enhancenet())
        (workspace.folder / "sr.py").write_text("".join(f"{k} = {v!r}\n" for k, v in config.items()))
        torch.save(MODELS.build(tiny_enhancenet()).state_dict(), workspace.folder / "sr.pth")
        enhance = LowLightInferencer("sr.py", "sr.pth", "cpu")
        assert enhance(dark_image(6, 7)).shape == (24, 28, 3)
        with pytest.raises(UserError, match="super-resolution"):
            LowLightInferencer("sr.py", "sr.pth", "cpu", Look(exposure=0.5))
