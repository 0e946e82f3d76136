import json
import os
import platform
import re
import signal

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from PIL import Image
from tiny_training import end_of, start_process
from workspace import Workspace

from mmlle.apis.training import computes_bfloat16, use_mixed_precision
from mmlle.cli.train import main, parse_args
from mmlle.engine import BFloat16OptimWrapper
from mmlle.utils.errors import UserError
from mmlle.utils.work_dir_lock import lock_work_dir

MIXED = "AmpOptimWrapper" if torch.cuda.is_available() else "mmlle.BFloat16OptimWrapper"


class TestArguments:
    def test_defaults(self):
        args = parse_args(["config.py"])
        assert (args.config, args.work_dir, args.resume) == ("config.py", None, False)
        assert (args.amp, args.auto_scale_lr, args.trust_checkpoint) == (False, False, False)
        assert (args.launcher, args.cfg_options) == ("none", {})

    def test_all_of_them(self):
        args = parse_args(
            ["config.py", "--work-dir", "w", "--resume", "c.pth", "--launcher", "pytorch"]
            + ["--amp", "--auto-scale-lr", "--trust-checkpoint", "--cfg-options", "a.b=1", "c=[x,y]"]
        )
        assert (args.work_dir, args.resume, args.launcher) == ("w", "c.pth", "pytorch")
        assert args.amp
        assert args.auto_scale_lr
        assert args.trust_checkpoint
        assert args.cfg_options == {"a.b": 1, "c": ["x", "y"]}

    def test_resuming_without_a_name(self):
        assert parse_args(["config.py", "--resume"]).resume is True
        assert parse_args(["config.py", "--resume", "--amp"]).resume is True


class TestMixedPrecision:
    @pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU takes float16")
    @pytest.mark.parametrize("native", [True, False])
    def test_a_processor_that_is_slow_in_bfloat16_is_named(self, monkeypatch, log_lines, native):
        monkeypatch.setattr("mmlle.apis.training.computes_bfloat16", lambda: native)
        use_mixed_precision(self.config())
        assert any("slower than without" in line for line in log_lines) == (not native)

    def test_what_the_processor_can_is_asked_of_pytorch(self, monkeypatch):
        monkeypatch.setattr(platform, "machine", lambda: "x86_64")
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
        for native in (True, False):
            monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda native=native: native)
            assert computes_bfloat16() is native

    def config(self, **settings):
        return Config(dict(optim_wrapper=settings))

    @pytest.mark.parametrize("given", [{}, dict(type="OptimWrapper"), dict(type=MIXED)])
    def test_one_wrapper(self, given):
        config = self.config(optimizer=dict(type="Adam"), **given)
        use_mixed_precision(config)
        assert config.optim_wrapper == dict(optimizer=dict(type="Adam"), type=MIXED)

    def test_several_wrappers(self):
        config = self.config(
            constructor="mmagic.MultiOptimWrapperConstructor",
            generator=dict(optimizer=dict(type="Adam")),
            discriminator=dict(type="OptimWrapper", optimizer=dict(type="SGD")),
        )
        use_mixed_precision(config)
        assert config.optim_wrapper.constructor == "mmagic.MultiOptimWrapperConstructor"
        assert config.optim_wrapper.generator.type == config.optim_wrapper.discriminator.type == MIXED
        assert config.optim_wrapper.discriminator.optimizer.type == "SGD"

    def test_another_kind_of_wrapper_is_not_replaced_silently(self):
        config = self.config(type="ApexOptimWrapper", optimizer=dict(type="Adam"))
        with pytest.raises(UserError, match=f"--amp.*{MIXED}.*ApexOptimWrapper"):
            use_mixed_precision(config)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, module_run_state):
    """A workspace after a training with pictures for TensorBoard."""
    workspace = Workspace(tmp_path_factory.mktemp("trained"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workspace.folder)
        with (workspace.folder / "config.py").open("a") as file:
            file.write("visualizer = dict(vis_backends=[dict(type='LocalVisBackend'),"
                       " dict(type='TensorboardVisBackend')])")  # fmt: skip
        main(["config.py", "--work-dir", "run"])
    return workspace


class TestTraining:
    def scalars(self, trained):
        (file,) = (trained.folder / "run").glob("*/vis_data/scalars.json")
        return [json.loads(line) for line in file.read_text().splitlines()]

    def log(self, trained):
        (file,) = (trained.folder / "run").glob("*/*.log")
        return file.read_text()

    def test_the_log_shows_progress_time_left_and_every_loss(self, trained):
        (line,) = re.findall(r".*Epoch\(train\) +\[1\]\[2/2\].*", self.log(trained))
        assert "eta: 0:00:00" in line
        for name in ("loss", "loss_spatial", "loss_color", "loss_exposure", "loss_smoothness"):
            assert re.search(rf" {name}: \d+\.\d+", line), name

    def test_losses_and_metrics_are_recorded(self, trained):
        first, second, validation = self.scalars(trained)
        for step, scalars in enumerate((first, second), start=1):
            assert scalars["step"] == step
            parts = [scalars[f"loss_{name}"] for name in ("spatial", "color", "exposure", "smoothness")]
            assert scalars["loss"] == pytest.approx(sum(parts), rel=1e-3)
            assert scalars["grad_norm"] > 0
        assert {"PSNR", "SSIM"} <= set(validation)

    def test_the_weights_have_changed_and_are_saved(self, trained):
        state = torch.load(trained.folder / "run/epoch_1.pth", weights_only=True)["state_dict"]
        initial = trained.model.state_dict()
        assert state.keys() == initial.keys()
        assert not torch.equal(state["generator.conv1.weight"], initial["generator.conv1.weight"])

    def test_the_best_checkpoint_of_the_validations_is_kept(self, trained):
        best, last = (
            torch.load(trained.folder / "run" / name, weights_only=True)["state_dict"]
            for name in ("best_PSNR_epoch_1.pth", "epoch_1.pth")
        )
        assert best.keys() == last.keys()
        assert all(torch.equal(best[name], weight) for name, weight in last.items())

    def test_pictures_of_the_validation_show_input_output_and_truth(self, trained):
        pictures = sorted((trained.folder / "run").glob("*/vis_data/vis_image/*"))
        assert [picture.name for picture in pictures] == ["a_2.png", "n_b_2.png"]
        assert Image.open(pictures[0]).size == (3 * 30, 17)

    def test_tensorboard_has_them_by_one_line_of_the_config(self, trained):
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        (events,) = (trained.folder / "run").glob("*/vis_data/events.*")
        content = EventAccumulator(str(events))
        content.Reload()
        assert {"loss_color", "PSNR"} <= set(content.Tags()["scalars"])
        assert content.Tags()["images"] == ["a", "n_b"]


@pytest.fixture
def runners(monkeypatch):
    """The Runners that a command trains."""
    seen = []
    train = Runner.train

    def keep(runner):
        seen.append(runner)
        return train(runner)

    monkeypatch.setattr(Runner, "train", keep)
    return seen


WITHOUT_VALIDATION = ["val_cfg=None", "val_dataloader=None", "val_evaluator=None"]


class TestFlags:
    def test_the_learning_rate_is_scaled_by_the_batch_size(self, workspace, runners):
        main(["config.py", "--auto-scale-lr", "--cfg-options", *WITHOUT_VALIDATION])
        # The config's 1e-3 is for base_batch_size, here 8; the batch is 2.
        assert runners[0].optim_wrapper.get_lr()["lr"] == [pytest.approx(1e-3 * 2 / 8)]

    def test_and_left_alone_without_the_flag(self, workspace, runners):
        main(["config.py", "--cfg-options", *WITHOUT_VALIDATION])
        assert runners[0].optim_wrapper.get_lr()["lr"] == [1e-3]

    def test_scaling_needs_to_know_the_base(self, workspace, stopped):
        with (workspace.folder / "config.py").open("a") as file:
            file.write("auto_scale_lr = dict(_delete_=True)")
        message = stopped(main, ["config.py", "--auto-scale-lr"])
        assert "auto_scale_lr=dict(base_batch_size=...)" in message

    @pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU takes float16")
    def test_mixed_precision_trains_in_bfloat16(self, workspace, runners):
        main(["config.py", "--amp", "--cfg-options", *WITHOUT_VALIDATION])
        assert type(runners[0].optim_wrapper) is BFloat16OptimWrapper
        state = torch.load("work_dirs/config/epoch_1.pth", weights_only=True)["state_dict"]
        assert {value.dtype for value in state.values()} == {torch.float32}
        assert all(value.isfinite().all() for value in state.values())

    def test_resuming_names_a_checkpoint_or_takes_the_newest(self, workspace, monkeypatch):
        seen = []
        (workspace.folder / "x.pth").touch()

        class Stop(Exception):  # noqa: N818
            pass

        def keep(config):
            seen.append((config.resume, config.load_from))
            raise Stop

        monkeypatch.setattr(Runner, "from_cfg", keep)
        for arguments in (["--resume"], ["--resume", "x.pth"], []):
            with pytest.raises(Stop):
                main(["config.py", *arguments])
        assert seen == [(True, None), (True, "x.pth"), (False, None)]


class TestMessages:
    """What ends a training with one message, and no folder of checkpoints that looks like a result."""

    def test_a_missing_data_root(self, workspace, stopped):
        message = stopped(
            main, ["config.py", "--cfg-options", "train_dataloader.dataset.data_root=data/gone"]
        )
        assert message.startswith("Error: The folder data/gone ")
        assert "does not exist" in message
        assert "Make it with `python tools/dataset_converters/prepare_sample.py`" in message

    def test_an_empty_folder(self, workspace, stopped):
        (workspace.folder / "data/empty").mkdir()
        message = stopped(
            main, ["config.py", "--cfg-options", "train_dataloader.dataset.data_root=data/empty"]
        )
        assert message.startswith("Error: The folder data/empty ")
        assert "holds no image" in message

    @pytest.mark.parametrize("workers", [0, 1])
    def test_images_of_different_sizes_in_a_batch(self, workspace, stopped, workers):
        Image.new("RGB", (33, 35)).save(workspace.folder / "data/train/0.png")
        options = ["train_dataloader.batch_size=4", f"train_dataloader.num_workers={workers}"]
        message = stopped(main, ["config.py", "--cfg-options", *options])
        assert message.startswith("Error: The images of a batch must have one size")
        assert "data/train/0.png 35x33" in message
        assert "data/train/1.png 32x40" in message
        assert not [name for name in workspace.files() if name.endswith("1.pth")]

    def test_a_misspelt_loss(self, workspace, stopped):
        message = stopped(main, ["config.py", "--cfg-options", "model.color_loss.type=ColourLoss"])
        assert message.startswith("Error: ")
        assert "model.color_loss.type: there is no 'ColourLoss'; did you mean Color" in message

    def test_absent_weights_of_the_guide(self, workspace, stopped):
        from mmlle.testing import tiny_sgz

        with (workspace.folder / "config.py").open("a") as file:
            file.write(f"\nmodel = dict(_delete_=True, **{tiny_sgz(weights='gone.pth')})")
        message = stopped(main, ["config.py"])
        assert message.startswith("Error: The segmentation network's weights 'gone.pth' could not be loaded")
        assert "--cfg-options model.semantic_loss.weights" in message

    def test_a_truncated_image_is_replaced_and_logged(self, workspace):
        image = workspace.folder / "data/train/2.png"
        image.write_bytes(image.read_bytes()[:700])
        main(["config.py", "--cfg-options", *WITHOUT_VALIDATION])
        (log,) = workspace.folder.glob("work_dirs/config/*/*.log")
        assert "Cannot read the image data/train/2.png" in log.read_text()
        assert "work_dirs/config/epoch_1.pth" in workspace.files()

    def test_a_checkpoint_to_resume_from_that_is_not_there(self, workspace, stopped):
        message = stopped(main, ["config.py", "--resume", "gone.pth"])
        assert message.startswith("Error: There is no checkpoint gone.pth to go on from (looked for from ")


class TestLosesNothing:
    def test_a_learning_rate_far_too_large(self, workspace, stopped):
        message = stopped(main, ["config.py", "--cfg-options", "optim_wrapper.optimizer.lr=1e10"])
        assert message.startswith("Error: The training broke down: ")
        assert "\n" not in message
        for path in workspace.folder.glob("work_dirs/config/epoch_*.pth"):
            state = torch.load(path, weights_only=True)["state_dict"]
            assert all(value.isfinite().all() for value in state.values())

    def test_a_second_training_in_the_same_folder_changes_nothing_there(self, workspace, stopped):
        reading, writing = os.pipe()

        def hold():
            held = lock_work_dir("run")
            os.write(writing, b"x")
            signal.pause()
            del held

        process = start_process(hold)
        assert os.read(reading, 1) == b"x"
        try:
            message = stopped(main, ["config.py", "--work-dir", "run"])
        finally:
            os.kill(process, signal.SIGKILL)
            end_of(process)
        assert message.startswith(f"Error: Another training (process {process} on ")
        assert workspace.files("run") == [".lock", ".lock_owner"]

    def test_resuming_without_a_checkpoint_starts_from_load_from(self, workspace):
        arguments = ["config.py", "--cfg-options", *WITHOUT_VALIDATION, "optim_wrapper.optimizer.lr=0"]
        with (workspace.folder / "config.py").open("a") as file:
            file.write("\nload_from = 'weights.pth'")
        main([*arguments, "--resume"])
        state = torch.load("work_dirs/config/epoch_1.pth", weights_only=True)["state_dict"]
        for name, value in torch.load("weights.pth", weights_only=True).items():
            assert torch.equal(state[name], value), name

    def test_resuming_a_checkpoint_of_another_model(self, workspace, stopped):
        main(["config.py", "--cfg-options", *WITHOUT_VALIDATION])
        wider = ["--cfg-options", "model.generator.width=8"]
        for resume in (["--resume"], ["--resume", "work_dirs/config/epoch_1.pth"]):
            message = stopped(main, ["config.py", *resume, *wider])
            assert "weights have another shape: generator.conv1.bias (4,) instead of (8,)" in message
            assert "\n" not in message
