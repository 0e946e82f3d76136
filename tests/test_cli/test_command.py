import argparse
import os

import pytest

from mmlle.apis import runs
from mmlle.cli.command import add_runner_arguments, read_config, read_run_config
from mmlle.utils.checkpoint_io import checkpoints_are_trusted
from mmlle.utils.errors import UserError

pytestmark = pytest.mark.usefixtures("run_state")


@pytest.fixture
def parse(tmp_path, monkeypatch):
    """Parse arguments after the name of a config that is there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(runs, "keep_freed_memory", lambda: None)
    (tmp_path / "small.py").write_text(
        "model = dict(width=4, layers=[1, 2], gt='high')\nlr = 0.1\npipeline = [dict(size=1), dict(size=2)]\n"
    )

    def run(*arguments, config="small.py"):
        parser = argparse.ArgumentParser()
        add_runner_arguments(parser)
        return parser.parse_args([config, *arguments])

    return run


def prepare_run(args):
    """The config of a command, ready for a Runner."""
    config = read_run_config(args)
    runs.prepare_run(config, args.launcher)
    return config


class TestReadConfig:
    def test_options_replace_settings(self, parse):
        config = read_config(
            parse("--cfg-options", "model.width=16", "model.gt=None", "lr=1e-3", "new.flag=True")
        )
        assert config.model == dict(width=16, layers=[1, 2], gt=None)
        assert config.lr == 1e-3
        assert config.new == dict(flag=True)

    def test_parts_of_lists(self, parse):
        config = read_config(parse("--cfg-options", "pipeline.1.size=5"))
        assert config.pipeline == [dict(size=1), dict(size=5)]
        assert read_config(parse("--cfg-options", "model.layers=[3,4,5]")).model.layers == [3, 4, 5]

    def test_an_absent_file_is_named_with_the_place(self, parse, tmp_path):
        with pytest.raises(UserError, match=rf"gone\.py.*{tmp_path}"):
            read_config(parse(config="gone.py"))


class TestPrepareRun:
    def test_the_work_folder_is_named_after_the_config(self, parse):
        assert prepare_run(parse()).work_dir == "work_dirs/small"

    def test_one_data_loader_or_several(self, parse):
        config = read_run_config(parse())
        config.train_dataloader = dict(num_workers=0, persistent_workers=True)
        config.val_dataloader = [dict(persistent_workers=True), dict(num_workers=2, persistent_workers=True)]
        runs.prepare_run(config, "none")
        assert not config.train_dataloader.persistent_workers
        assert [loader.persistent_workers for loader in config.val_dataloader] == [False, True]

    def test_the_configs_own_goes_before_that_and_the_arguments_before_both(self, parse):
        assert prepare_run(parse("--cfg-options", "work_dir=mine")).work_dir == "mine"
        assert prepare_run(parse("--cfg-options", "work_dir=mine", "--work-dir", "x")).work_dir == "x"

    def test_checkpoints_are_trusted_when_asked_for_only(self, parse, monkeypatch):
        monkeypatch.delenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", raising=False)
        prepare_run(parse())
        assert not checkpoints_are_trusted()
        prepare_run(parse("--trust-checkpoint"))
        assert checkpoints_are_trusted()

    @pytest.mark.parametrize("option", ["--local_rank", "--local-rank"])
    def test_the_local_rank_of_the_old_launcher(self, parse, monkeypatch, option):
        monkeypatch.delenv("LOCAL_RANK", raising=False)
        monkeypatch.setattr(runs, "init_distributed", lambda *arguments: None)
        prepare_run(parse(f"{option}=1"))
        assert "LOCAL_RANK" not in os.environ  # of another launcher, MMEngine finds the rank by itself
        prepare_run(parse("--launcher", "pytorch", f"{option}=1"))
        assert os.environ["LOCAL_RANK"] == "1"
        prepare_run(parse("--launcher", "pytorch", f"{option}=0"))
        assert os.environ["LOCAL_RANK"] == "1"  # the environment's goes before it

    def test_no_workers_are_not_persistent(self, parse):
        options = ["val_dataloader.num_workers=0", "val_dataloader.persistent_workers=True"]
        options += ["test_dataloader.num_workers=2", "test_dataloader.persistent_workers=True"]
        config = prepare_run(parse("--cfg-options", *options))
        assert config.val_dataloader.persistent_workers is False
        assert config.test_dataloader.persistent_workers is True

    def test_freed_memory_is_kept_and_the_launcher_prepared_for(self, parse, monkeypatch):
        calls = []
        monkeypatch.setattr(runs, "keep_freed_memory", lambda: calls.append("memory"))
        monkeypatch.setattr(runs, "init_distributed", lambda *arguments: calls.append(arguments))
        config = prepare_run(parse("--launcher", "slurm", "--cfg-options", "env_cfg.dist_cfg.backend=nccl"))
        assert config.launcher == "slurm"
        assert calls == ["memory", ("slurm", dict(backend="nccl"))]

    def test_an_unknown_launcher_is_refused(self, parse, capsys):
        with pytest.raises(SystemExit) as stop:
            parse("--launcher", "ssh")
        assert stop.value.code == 2
        assert "ssh" in capsys.readouterr().err
