import shutil
from pathlib import Path

import pytest
import torch
from tiny_training import Model, load, make_runner
from torch import nn

from mmlle.utils.errors import UserError

pytestmark = pytest.mark.usefixtures("run_state")


class OtherModel(Model):
    """A weight of another name."""

    def __init__(self):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1))


@pytest.fixture
def folder(tmp_path):
    """The folder of a training of two epochs, of which both checkpoints are kept."""
    make_runner(tmp_path / "run", 2).train()
    return tmp_path / "run"


@pytest.fixture
def resume(folder):
    """Resume the training to the end of its third epoch; gives the lines of the log."""

    def run(folder=folder, **options):
        runner = make_runner(folder, 3, resume=True, **options)
        lines = []
        runner.logger.addFilter(lambda record: lines.append(record.getMessage()) or True)
        runner.train()
        return lines

    return run


def cut(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def punch(path):
    """Put a hole into the file, of the size that it had: a power failure before the data are on the disk."""
    content = bytearray(path.read_bytes())
    weight = load(path)["state_dict"]["weight"].numpy().tobytes()
    at = content.index(weight)
    content[at : at + 4] = bytes(4)
    path.write_bytes(content)
    assert load(path)["state_dict"]["weight"] == 0


def spoil(path):
    checkpoint = load(path)
    checkpoint["state_dict"]["weight"].fill_(float("nan"))
    torch.save(checkpoint, path)


def replace_by_weights(path):
    torch.save(dict(state_dict=load(path)["state_dict"]), path)


def test_the_newest_checkpoint_is_taken_and_named(folder, resume):
    lines = resume()
    assert f"Resuming from {folder}/epoch_2.pth (epoch 2, iteration 4)." in lines
    assert load(folder / "epoch_3.pth")["meta"]["iter"] == 6


@pytest.mark.parametrize("content", [None, "", "\0\0\0", "/gone/epoch_9.pth", "/gone/epoch_2.pth", "."])
def test_whatever_last_checkpoint_says(folder, resume, content):
    """An old path that is gone names the checkpoint; what names none is not asked."""
    last = folder / "last_checkpoint"
    last.unlink() if content is None else last.write_text(content)
    assert f"Resuming from {folder}/epoch_2.pth (epoch 2, iteration 4)." in resume()


def test_a_renamed_folder(folder, resume):
    new = folder.rename(folder.with_name("renamed"))
    assert f"Resuming from {new}/epoch_2.pth (epoch 2, iteration 4)." in resume(new)
    assert Path((new / "last_checkpoint").read_text()) == new / "epoch_3.pth"


def test_a_copied_folder_does_not_go_on_from_the_first(folder, resume):
    copy = shutil.copytree(folder, folder.with_name("copy"))
    (copy / "epoch_2.pth").unlink()
    assert f"Resuming from {copy}/epoch_1.pth (epoch 1, iteration 2)." in resume(copy)


@pytest.mark.parametrize("damage", [cut, punch, spoil, replace_by_weights, Path.unlink])
def test_the_newest_whole_one_is_taken(folder, resume, damage):
    damage(folder / "epoch_2.pth")
    lines = resume()
    assert f"Resuming from {folder}/epoch_1.pth (epoch 1, iteration 2)." in lines
    told = [line for line in lines if line.startswith(f"Not resumed from {folder}/epoch_2.pth: ")]
    assert len(told) == (damage is not Path.unlink)
    assert load(folder / "epoch_3.pth")["state_dict"]["weight"].isfinite()


def test_the_best_weights_are_no_state_of_a_training(folder, resume):
    (folder / "epoch_2.pth").rename(folder / "best_score_epoch_2.pth")
    assert f"Resuming from {folder}/epoch_1.pth (epoch 1, iteration 2)." in resume()


def test_without_a_checkpoint_the_training_starts_anew(tmp_path, resume):
    lines = resume(tmp_path / "new")
    assert f"There is no checkpoint in {tmp_path}/new to resume from: the training starts anew." in lines
    assert load(tmp_path / "new/epoch_1.pth")["meta"]["iter"] == 2


def test_with_nothing_but_damaged_ones_it_does_not(folder, resume):
    """They may be worth a rescue."""
    for path in folder.glob("*.pth"):
        cut(path)
    with pytest.raises(UserError, match="None of the 2 checkpoints") as error:
        resume()
    assert f"The training cannot be resumed from {folder}/epoch_2.pth: " in str(error.value)
    assert "\n" not in str(error.value)


ANOTHER = {
    "model": (dict(model=OtherModel()), "1 of its 2 weights are missing: bias"),
    "size": (dict(model=Model(3)), "1 weights have another shape: weight "),
    "optimiser": (dict(optimizer=dict(type="Adam")), "its optimiser is of another kind than Adam"),
}


@pytest.mark.parametrize("other", ANOTHER)
@pytest.mark.parametrize("named", [False, True])
def test_a_checkpoint_of_another_training_is_refused_in_a_line(folder, resume, other, named):
    options, message = ANOTHER[other]
    if named:
        options = dict(options, load_from=str(folder / "epoch_2.pth"))
    with pytest.raises(UserError, match=message) as error:
        resume(**options)
    assert f"{folder}/epoch_2.pth" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut, "is only a part of one"),
        (punch, "is damaged: the check sum of"),
        (replace_by_weights, "holds weights and not the state of a training"),
        (Path.unlink, "There is no checkpoint"),
    ],
)
def test_a_checkpoint_that_is_named_is_the_only_one_tried(folder, resume, damage, message):
    damage(folder / "epoch_2.pth")
    with pytest.raises(UserError, match=message):
        resume(load_from=str(folder / "epoch_2.pth"))


class TestChangedSettings:
    """MMEngine takes the checkpoint's and says nothing."""

    SCHEDULE = dict(type="StepLR", step_size=1, gamma=0.5, by_epoch=True, end=9)

    def changes(self, lines):
        return [line for line in lines if "The config says otherwise" in line]

    @pytest.fixture
    def scheduled(self, tmp_path):
        make_runner(tmp_path, 2, param_scheduler=self.SCHEDULE).train()
        return tmp_path

    def test_none(self, resume, scheduled):
        assert not self.changes(resume())
        assert not self.changes(resume(scheduled, param_scheduler=self.SCHEDULE))

    def test_of_the_optimiser(self, resume, folder):
        (line,) = self.changes(resume(optimizer=dict(type="SGD", lr=0.2, momentum=0.9)))
        assert "lr 0.1, not 0.2; momentum 0.5, not 0.9" in line
        assert f"load_from={folder}/epoch_2.pth" in line

    def test_of_the_learning_rate_under_a_schedule(self, resume, scheduled):
        optimizer = dict(type="SGD", lr=0.2, momentum=0.5)
        (line,) = self.changes(resume(scheduled, param_scheduler=self.SCHEDULE, optimizer=optimizer))
        assert ": lr 0.1, not 0.2. For" in line

    def test_of_the_schedule(self, resume, scheduled):
        changed = dict(self.SCHEDULE, gamma=0.1, step_size=7)
        (line,) = self.changes(resume(scheduled, param_scheduler=changed))
        assert "StepLR.step_size 1, not 7" in line
        assert "StepLR.gamma 0.5, not 0.1" in line

    def test_of_its_end_that_more_epochs_would_have_moved(self, resume, tmp_path):
        schedule = {key: value for key, value in self.SCHEDULE.items() if key != "end"}
        make_runner(tmp_path, 2, param_scheduler=schedule).train()
        (line,) = self.changes(resume(tmp_path, param_scheduler=schedule))
        assert "StepLR.end 2, not 3" in line
