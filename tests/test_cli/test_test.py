import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from workspace import ROOT

from mmlle.cli.test import main, parse_args
from mmlle.evaluation.functional import loe, niqe, psnr, ssim
from mmlle.media.image_io import read_image, write_image
from mmlle.media.tensor_image import tensor_to_image
from mmlle.testing import dark_image, write_images

TEST = ["config.py", "weights.pth", "--work-dir", "run"]


def enhanced(workspace, path):
    """The picture that the model makes of a file, BGR: a way past everything that is tested here."""
    rgb = torch.from_numpy(read_image(path)[..., ::-1].copy()).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        return tensor_to_image(workspace.model(rgb)[0].flip(0) * 255)


def test_the_arguments():
    args = parse_args(["c.py", "w.pth"])
    assert (args.config, args.checkpoint, args.out, args.show_dir) == ("c.py", "w.pth", None, None)
    assert args.protocol is None
    args = parse_args(["c.py", "w.pth", "--out", "m.json", "--show-dir", "d", "--cfg-options", "a=1"])
    assert (args.out, args.show_dir, args.cfg_options) == ("m.json", "d", {"a": 1})


def test_metrics_and_pictures_of_the_models_output(workspace):
    main([*TEST, "--out", "results/metrics.json", "--show-dir", "pictures"])
    pairs = []
    for name in ("a", "n/b"):
        expected = enhanced(workspace, f"data/val/low/{name}.png")
        assert np.array_equal(read_image(f"pictures/{name}.png"), expected)
        pairs.append((expected, read_image(f"data/val/high/{name}.png")))
    assert workspace.files("pictures") == ["a.png", "n/b.png"]
    report = json.loads((workspace.folder / "results/metrics.json").read_text())
    assert report["PSNR"] == pytest.approx(np.mean([psnr(*pair) for pair in pairs]))
    assert report["SSIM"] == pytest.approx(np.mean([ssim(*pair) for pair in pairs]))


def test_the_file_says_all_that_the_metrics_depend_on(workspace):
    prefixed = "test_evaluator.1.prefix=val"
    main([*TEST, "--out", "metrics.json", "--cfg-options", prefixed, "test_evaluator.0.rounding=none"])
    report = json.loads((workspace.folder / "metrics.json").read_text())
    assert set(report) == {
        *("PSNR", "val/SSIM"),
        *("protocol", "metrics", "checkpoint", "config", "versions"),
    }
    assert report["protocol"] == "lol_rgb"
    assert set(report["metrics"]) == {"PSNR", "val/SSIM"}
    measured = report["metrics"]["PSNR"]
    assert measured["metric"] == "PSNR"
    assert measured["options"] == dict(channels="RGB", crop_border=0, rounding="none", gt_mean=False)
    assert list(measured["values"]) == ["a", "n/b"]
    assert measured["n"] == 2
    assert measured["mean"] == report["PSNR"]
    assert measured["sd"] == pytest.approx(np.std(list(measured["values"].values()), ddof=1))
    weights = (workspace.folder / "weights.pth").read_bytes()
    assert report["checkpoint"] == dict(file="weights.pth", sha256=hashlib.sha256(weights).hexdigest())
    assert report["config"]["file"].endswith("config.py")
    assert report["config"]["content"]["test_evaluator"][0]["rounding"] == "none"
    assert {"MMLLE", "MMEngine", "PyTorch", "numpy"} <= set(report["versions"])


def test_another_protocol(workspace):
    option = "test_evaluator.1.crop_border=1"
    main([*TEST, "--protocol", "retinexformer_gtmean", "--out", "metrics.json", "--cfg-options", option])
    report = json.loads((workspace.folder / "metrics.json").read_text())
    assert report["protocol"] == "retinexformer_gtmean"
    assert list(report["metrics"]) == ["PSNR", "SSIM", "PSNR_gtmean", "SSIM_gtmean"]
    assert [each["options"]["crop_border"] for each in report["metrics"].values()] == [0, 1, 0, 0]
    assert report["PSNR_gtmean"] != report["PSNR"]


def test_a_protocol_that_needs_no_ground_truth(workspace):
    write_images("large", ["a.png"], size=(96, 192))
    options = ["test_dataloader.dataset.data_root=large", "test_dataloader.dataset.data_prefix.img=''"]
    options += ["test_dataloader.dataset.data_prefix.gt=None"]
    main([*TEST, "--protocol", "no_reference", "--out", "metrics.json", "--cfg-options", *options])
    report = json.loads((workspace.folder / "metrics.json").read_text())
    image, output = read_image("large/a.png"), enhanced(workspace, "large/a.png")
    assert report["NIQE"] == pytest.approx(niqe(output))
    assert report["LOE"] == pytest.approx(loe(image, output))
    assert report["identity_PSNR"] == pytest.approx(psnr(output, image))


def test_mmagics_loop_has_its_evaluators(workspace):
    Path("multi.py").write_text(
        '_base_ = ["config.py"]\ntest_cfg = dict(type="mmagic.MultiTestLoop")\n'
        'test_evaluator = dict(_delete_=True, type="mmagic.Evaluator", metrics=[dict(type="PSNR")])\n'
    )
    main(["multi.py", "weights.pth", "--work-dir", "run", "--out", "metrics.json"])
    report = json.loads((workspace.folder / "metrics.json").read_text())
    assert report["metrics"]["PSNR"]["n"] == 2


def test_neither_is_written_unless_asked_for(workspace, capsys):
    before = set(workspace.files())
    main(TEST)
    assert all(name.startswith("run/") for name in set(workspace.files()) - before)
    assert "PSNR: " in capsys.readouterr().out


def test_a_folder_without_ground_truth(workspace):
    options = ["test_dataloader.dataset.data_prefix.gt=None"]
    main([*TEST, "--out", "metrics.json", "--show-dir", "pictures", "--cfg-options", *options])
    assert workspace.files("pictures") == ["a.png", "n/b.png"]
    report = json.loads((workspace.folder / "metrics.json").read_text())
    assert "PSNR" not in report
    assert report["metrics"] == {}
    (log,) = (workspace.folder / "run").glob("*/*.log")
    assert "PSNR: 2 of 2 images left out; a: no ground truth." in log.read_text()


def test_any_size_comes_out_as_it_went_in(workspace):
    sizes = [(1, 1), (7, 5), (1, 300), (37, 53)]
    for height, width in sizes:
        write_image(f"any/{height}x{width}.png", dark_image(height, width))
    options = ["test_dataloader.dataset.data_root=any", "test_dataloader.dataset.data_prefix.img=''"]
    options += ["test_dataloader.dataset.data_prefix.gt=None"]
    main([*TEST, "--show-dir", "pictures", "--cfg-options", *options])
    for height, width in sizes:
        picture = read_image(f"pictures/{height}x{width}.png")
        assert picture.shape == (height, width, 3)
        assert np.array_equal(picture, enhanced(workspace, f"any/{height}x{width}.png"))


def test_images_of_one_name_and_two_types_have_a_picture_each(workspace):
    write_images("any", ["x.png", "x.bmp"])
    options = ["test_dataloader.dataset.data_root=any", "test_dataloader.dataset.data_prefix.img=''"]
    options += ["test_dataloader.dataset.data_prefix.gt=None"]
    main([*TEST, "--show-dir", "pictures", "--cfg-options", *options])
    assert workspace.files("pictures") == ["x.bmp.png", "x.png.png"]


class TestMessages:
    @pytest.fixture
    def refused(self, workspace, stopped):
        """Run a test that must fail without writing metrics; gives the message."""

        def run(*arguments):
            message = stopped(main, [*arguments, "--work-dir", "run", "--out", "metrics.json"])
            assert "metrics.json" not in workspace.files()
            assert message.startswith("Error: ")
            return message

        return run

    def test_no_config(self, refused):
        assert "There is no config gone.py" in refused("gone.py", "weights.pth")

    def test_a_file_that_cannot_be_written_is_found_out_before_the_test(self, workspace, stopped):
        (workspace.folder / "taken").write_text("")
        for out in ("taken/metrics.json", "data"):
            message = stopped(main, [*TEST, "--out", out])
            assert out in message
            assert "Name another place" in message
        message = stopped(main, [*TEST, "--show-dir", "taken"])
        assert "into the folder taken" in message
        assert not (workspace.folder / "run").exists()

    def test_no_protocol(self, refused):
        message = refused("config.py", "weights.pth", "--protocol", "gone")
        assert "There is no protocol gone: name one of lol_rgb, " in message
        Path("empty.py").write_text("")
        assert "empty.py is no protocol" in refused("config.py", "weights.pth", "--protocol", "empty.py")

    def test_no_checkpoint(self, refused):
        message = refused("config.py", "gone.pth")
        assert "There is no checkpoint gone.pth" in message
        assert "tools/train.py" in message
        assert "official_to_mmlle.py" in message

    def test_a_checkpoint_of_another_model(self, refused, workspace):
        state = workspace.model.state_dict()
        state["generator.conv9.weight"] = state.pop("generator.conv7.weight")
        torch.save(state, "other.pth")
        message = refused("config.py", "other.pth")
        assert "other.pth does not fit the model of config.py" in message
        assert "generator.conv7.weight" in message
        assert "config that it was trained with" in message

    def test_a_checkpoint_of_another_width(self, refused):
        message = refused("config.py", "weights.pth", "--cfg-options", "model.generator.width=6")
        assert "weights.pth does not fit the model of config.py" in message

    def test_a_truncated_checkpoint(self, refused, workspace):
        content = (workspace.folder / "weights.pth").read_bytes()
        (workspace.folder / "part.pth").write_bytes(content[:2000])
        assert "'part.pth' is not a checkpoint that torch.save wrote, or is only a part" in refused(
            "config.py", "part.pth"
        )

    def test_a_checkpoint_that_would_run_code(self, refused, workspace):
        class Payload:
            def __reduce__(self):
                return os.mkdir, (str(workspace.folder / "marker"),)

        torch.save(dict(state_dict=workspace.model.state_dict(), more=Payload()), "evil.pth")
        message = refused("config.py", "evil.pth")
        assert "--trust-checkpoint" in message
        assert not (workspace.folder / "marker").exists()

    @pytest.mark.parametrize("workers", [0, 1])
    def test_a_truncated_image(self, refused, workspace, workers):
        image = workspace.folder / "data/val/low/n/b.png"
        image.write_bytes(image.read_bytes()[:400])
        message = refused(
            "config.py", "weights.pth", "--cfg-options", f"test_dataloader.num_workers={workers}"
        )
        assert "Cannot read the image data/val/low/n/b.png" in message
        assert "\n" not in message

    def test_missing_ground_truth(self, refused, workspace):
        (workspace.folder / "data/val/high/a.png").unlink()
        message = refused("config.py", "weights.pth")
        assert "1 of the 2 images" in message
        assert ": a.png." in message
        assert "data_prefix.gt=None" in message


@pytest.mark.slow
@pytest.mark.parametrize(("method", "figures"), [("sgz", (14.3610, 0.6251)), ("zero_dce", (13.5892, 0.6182))])
def test_the_original_weights_have_the_figures_of_the_original_code(
    reference_folder, convert_official, tmp_path, monkeypatch, run_state, method, figures
):
    monkeypatch.chdir(tmp_path)
    checkpoint = str(convert_official(method))
    options = [f"test_dataloader.dataset.data_root={reference_folder}/data/lol_eval7"]
    options += ["test_dataloader.num_workers=0", "test_dataloader.persistent_workers=False"]
    config = f"{ROOT}/configs/{method}/{method}_lol.py"
    main([config, checkpoint, "--out", "metrics.json", "--cfg-options", *options])
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["PSNR"] == pytest.approx(figures[0], abs=0.002)
    assert metrics["SSIM"] == pytest.approx(figures[1], abs=0.0005)


@pytest.mark.slow
@pytest.mark.parametrize(("images", "psnr"), [("set5", 28.573), ("set14", 25.775)])
def test_enhancenets_original_weights_reach_the_published_figures(
    reference_folder, convert_official, tmp_path, monkeypatch, run_state, images, psnr
):
    checkpoint = str(convert_official("enhancenet"))
    monkeypatch.chdir(tmp_path)
    options = [f"test_dataloader.dataset.data_root={reference_folder}/data/{images}"]
    options += ["test_dataloader.num_workers=0", "model.generator.bicubic=tf1"]
    config = f"{ROOT}/configs/enhancenet/enhancenet_pat_x4.py"
    main([config, checkpoint, "--out", "metrics.json", "--cfg-options", *options])
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["PSNR"] == pytest.approx(psnr, abs=0.001)


def test_pictures_are_rgb_files(workspace):
    red = np.zeros((12, 12, 3), np.uint8)
    red[..., 2] = 60
    write_image("any/red.png", red)
    options = ["test_dataloader.dataset.data_root=any", "test_dataloader.dataset.data_prefix.img=''"]
    options += ["test_dataloader.dataset.data_prefix.gt=None"]
    main([*TEST, "--show-dir", "pictures", "--cfg-options", *options])
    pixel = np.asarray(Image.open("pictures/red.png"))[6, 6].astype(int)
    assert pixel[0] > pixel[1] + 20
    assert pixel[0] > pixel[2] + 20
