import shutil
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch
from mmengine import hooks
from mmengine.dist import all_reduce, broadcast_object_list, get_world_size, is_main_process
from mmengine.fileio import LocalBackend, get_file_backend, register_backend
from mmengine.runner import BaseLoop, Runner

from mmlle.registry import HOOKS
from mmlle.utils.errors import StoppedError, UserError
from mmlle.utils.files import remove_unfinished, write_bytes
from mmlle.utils.work_dir_lock import lock_work_dir

from .find_checkpoint import check_checkpoint, find_checkpoint
from .resumable_loop import ResumableEpochLoop
from .stop_signals import StopSignals
from .zero_denormals_hook import zero_denormals_of_training

__all__ = ["CheckpointBackend", "CheckpointHook", "CheckpointWriteError"]

Answer = TypeVar("Answer")


class CheckpointWriteError(UserError, OSError):
    """A checkpoint could not be written."""


class CheckpointBackend(LocalBackend):
    """MMEngine's access to local files, for checkpoints: nothing is lost if the process is killed in between.

    A file is written aside, brought to the disk and then renamed. What is to be removed is noted and goes
    when :meth:`remove_outdated` is called.
    """

    def __init__(self) -> None:
        self.outdated: list[str] = []

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write a file as a whole or not at all.

        Raises:
            CheckpointWriteError: If it cannot be written, for lack of space for one.
        """
        try:
            write_bytes(filepath, obj, sync=True)
        except OSError as error:
            folder = Path(filepath).absolute().parent
            if folder.is_dir():
                state = (
                    f"It takes {len(obj) / 1e6:.1f} MB, and the disk of {folder} has "
                    f"{shutil.disk_usage(folder).free / 1e6:.1f} MB left. The checkpoints before it are "
                    "whole: make room and go on with --resume."
                )
            else:
                state = f"There is no folder {folder} any more: bring it back and go on with --resume."
            raise CheckpointWriteError(
                f"{filepath} could not be written: {error.strerror}. {state}"
            ) from error

    def remove(self, filepath: str) -> None:
        """Note a file that is to be removed."""
        self.outdated.append(filepath)

    def remove_outdated(self) -> None:
        """Remove the files noted."""
        while self.outdated:
            Path(self.outdated.pop()).unlink(missing_ok=True)


#: What a signal has saved.
_INTERRUPTED = "interrupted.pth"

#: Where a checkpoint names the files that go once it is there, for who is killed in between.
_OUTDATED = "outdated_ckpts"

# The Runner makes a backend of its own for each checkpoint, and finds it by this name only.
_BACKEND = "mmlle.CheckpointBackend"
register_backend(_BACKEND, CheckpointBackend, force=True)


@HOOKS.register_module()
class CheckpointHook(hooks.CheckpointHook):
    """MMEngine's hook of checkpoints, made safe against kills, full disks and second trainings.

    - A checkpoint is written aside, synchronised and renamed, then ``last_checkpoint`` alike; only then is
      the old one deleted. MMEngine deletes first and writes in place.
    - The folder is locked while a training runs in it.
    - ``--resume`` takes the newest whole checkpoint of the folder that fits, and says which. MMEngine takes
      what ``last_checkpoint`` names, whatever that is.
    - Checkpoints hold no denormal weights, and nor does the training that goes on.
    - A signal that asks for the end is followed after the step that is under way, or in a validation at
      once: the state is saved as ``interrupted.pth``, which the next checkpoint replaces.

    Takes what :class:`mmengine.hooks.CheckpointHook` takes. With ``backend_args``, ``file_client_args`` or an
    ``out_dir`` that is not local, files are written, removed and chosen as MMEngine does it.

    Attributes:
        start_from: Weights that the training starts from if there is no checkpoint to resume from; see
            ``load_from`` of the Runner.
        signals: Signals to follow; None for none.
    """

    start_from: str | None = None
    signals: StopSignals | None = None
    best_ckpt_path: str | None
    best_ckpt_path_dict: dict[str, str | None]

    def before_run(self, runner: Runner) -> None:
        """Choose the checkpoint to resume from, before the Runner loads it.

        Raises:
            UserError: If there are checkpoints and none of them fits, or the given one does not.
        """
        # Tests run hooks as well, but have no training loop.
        if not runner._resume or not isinstance(runner._train_loop, BaseLoop):
            return
        folder = self._folder(runner)
        if runner._load_from is not None:
            path = runner._load_from
            decide_in_main_process(lambda: check_checkpoint(runner, path, self.save_optimizer), share=False)
        elif self._is_local(folder):
            found = decide_in_main_process(lambda: find_checkpoint(runner, folder, self.save_optimizer))
            runner._resume = found is not None
            runner._load_from = found or self.start_from

    def before_train(self, runner: Runner) -> None:
        """Take the folder.

        Raises:
            WorkDirInUseError: If another training runs in it.
        """
        folder = self._folder(runner)
        self._lock = decide_in_main_process(lambda: lock_work_dir(runner.work_dir), share=False)
        if self._is_local(folder):
            self.backend_args = dict(backend=_BACKEND)
            if is_main_process():
                remove_unfinished(runner.work_dir)
                remove_unfinished(folder)
        super().before_train(runner)
        if self._resumed_here(runner):
            for name in runner.message_hub.get_info(_OUTDATED, []):
                self.file_backend.remove(self.file_backend.join_path(self.out_dir, name))
            self._remove_outdated()
        # A checkpoint names the best one by its path, which is another run's where the folder was copied or
        # renamed: removing the outdated best one must not reach out of the folder.
        if self.save_best is not None:
            if len(self.key_indicators) == 1:
                self.best_ckpt_path = self._in_folder(self.best_ckpt_path)
            else:
                best = self.best_ckpt_path_dict
                self.best_ckpt_path_dict = {name: self._in_folder(path) for name, path in best.items()}

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict[str, Any] | None = None,
    ) -> None:
        """Save every so many iterations, and if a signal asks for the end.

        Raises:
            StoppedError: If one does.
        """
        super().after_train_iter(runner, batch_idx, data_batch, outputs)
        if self.signals is None:
            return
        received = torch.tensor(self.signals.received)
        all_reduce(received, "max")  # all processes stop after the same step
        if received:
            self._stop(runner, int(received), runner.epoch, runner.iter + 1)

    def after_val_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: Sequence[Any] | None = None,
    ) -> None:
        """Save if a signal asks for the end.

        Several processes go on with the validation: they may have different numbers of images.

        Raises:
            StoppedError: If one does.
        """
        if self.signals is None or not self.signals.received or get_world_size() > 1:
            return
        epoch = runner.epoch
        if isinstance(runner.train_loop, ResumableEpochLoop):
            epoch = runner.train_loop.repeat_validation()
        for hook in runner.hooks:
            if isinstance(hook, hooks.EMAHook):
                hook.after_val_epoch(runner)  # a validation has the average in the place of the weights
        self._stop(runner, self.signals.received, epoch, runner.iter)

    def _stop(self, runner: Runner, number: int, epoch: int, iteration: int) -> None:
        zero_denormals_of_training(runner)
        runner.save_checkpoint(
            self.out_dir,
            _INTERRUPTED,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=dict(epoch=epoch, iter=iteration),
            by_epoch=False,
            backend_args=self.backend_args,
            **self.args,
        )
        if not is_main_process():
            # Launchers end all processes when one of them fails: let it be the first one, which saves.
            raise StoppedError("", number, status=0)
        path = self.file_backend.join_path(self.out_dir, _INTERRUPTED)
        write_bytes(Path(runner.work_dir, "last_checkpoint"), path.encode(), sync=True)
        raise StoppedError(
            f"Stopped by {signal.Signals(number).name} after iteration {iteration}: the training is saved in "
            f"{path}. Go on with --resume.",
            number,
        )

    def after_train(self, runner: Runner) -> None:
        """Let go of the folder."""
        super().after_train(runner)
        if self._lock is not None:
            self._lock.lock.release()

    def _folder(self, runner: Runner) -> str:
        """Where checkpoints are, before ``before_train`` has made ``out_dir`` of it."""
        if self.out_dir is None or self.out_dir == runner.work_dir:
            return runner.work_dir
        return f"{self.out_dir}/{Path(runner.work_dir).name}"

    def _is_local(self, folder: str) -> bool:
        plain = self.file_client_args is None and self.backend_args is None
        return plain and isinstance(get_file_backend(folder), LocalBackend)

    def _in_folder(self, path: str | None) -> str | None:
        if path is None:
            return None
        own = self.file_backend.join_path(self.out_dir, Path(path).name)
        return own if self.file_backend.isfile(own) else None

    def _save_checkpoint(self, runner: Runner) -> None:
        zero_denormals_of_training(runner)
        super()._save_checkpoint(runner)

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        if not self.save_best:
            return  # among others in a validation without a training
        missing = [name for name in self.save_best if name not in ("auto", *metrics)]
        if missing:
            raise UserError(
                f"The best checkpoint is chosen by {', '.join(missing)}, which the validation does not "
                f"measure: it measures {', '.join(metrics)}. Name one of these or None, "
                "default_hooks.checkpoint.save_best=None, and continue with --resume."
            )
        zero_denormals_of_training(runner)
        super()._save_best_checkpoint(runner, metrics)
        self._remove_outdated()

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        if not isinstance(self.file_backend, CheckpointBackend):
            super()._save_checkpoint_with_step(runner, step, meta)
            return

        def path(step: int) -> str:
            return self.file_backend.join_path(self.out_dir, self.filename_tmpl.format(step))

        # The best checkpoint's coming has the last one written once more.
        if self.max_keep_ckpts > 0 and step not in self.keep_ckpt_ids:
            if len(self.keep_ckpt_ids) == self.max_keep_ckpts:
                self.file_backend.remove(path(self.keep_ckpt_ids[0]))
            self.keep_ckpt_ids.append(step)
            runner.message_hub.update_info("keep_ckpt_ids", list(self.keep_ckpt_ids))
        self.last_ckpt = path(step)
        runner.message_hub.update_info("last_ckpt", self.last_ckpt)
        outdated = [Path(name).name for name in self.file_backend.outdated]
        runner.message_hub.update_info(_OUTDATED, outdated)
        runner.save_checkpoint(
            self.out_dir,
            self.filename_tmpl.format(step),
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        if is_main_process():
            self.file_backend.put(self.last_ckpt.encode(), Path(runner.work_dir, "last_checkpoint"))
            self.file_backend.remove(self.file_backend.join_path(self.out_dir, _INTERRUPTED))
        self._remove_outdated()

    def _resumed_here(self, runner: Runner) -> bool:
        """Whether the training goes on from a checkpoint of its own folder."""
        if not (runner._resume and runner._load_from and isinstance(self.file_backend, CheckpointBackend)):
            return False
        return Path(runner._load_from).resolve().parent == Path(self.out_dir).resolve()

    def _remove_outdated(self) -> None:
        if is_main_process() and isinstance(self.file_backend, CheckpointBackend):
            self.file_backend.remove_outdated()


def decide_in_main_process(decide: Callable[[], Answer], share: bool = True) -> Answer | None:
    """Call a function in the main process and have all processes go by its answer.

    Args:
        decide: What to call.
        share: Whether the others get the answer as well; they get an error in any case.

    Returns:
        The answer; None in the other processes without ``share``.

    Raises:
        UserError: If the function does, in all processes.
    """
    answer, problem = None, None
    if is_main_process():
        try:
            answer = decide()
        except UserError as error:
            problem = error
    said: list[Any] = [answer if share else None, problem and str(problem)]
    broadcast_object_list(said)
    if problem is not None:
        raise problem
    if said[1] is not None:
        raise UserError(said[1])
    return said[0] if share else answer
