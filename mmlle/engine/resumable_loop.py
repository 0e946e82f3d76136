import logging

from mmengine.dist import get_world_size
from mmengine.logging import print_log
from mmengine.runner import EpochBasedTrainLoop

from mmlle.datasets.pass_sampler import PassSampler
from mmlle.registry import LOOPS
from mmlle.utils.errors import UserError

__all__ = ["ResumableEpochLoop"]


@LOOPS.register_module()
class ResumableEpochLoop(EpochBasedTrainLoop):
    """MMEngine's epoch-based training, resumed within an epoch too.

    A checkpoint taken in the middle of an epoch, by a signal or ``CheckpointHook(by_epoch=False)``, goes on
    with the batch after it; MMEngine's loop begins the epoch again, and so does this one, with a warning,
    under any sampler but :class:`mmlle.datasets.PassSampler`. The batch size and the number of processes may
    be others than before, if their batches add up to the images done.
    """

    def run_epoch(self) -> None:
        """Run an epoch, or what is left of it.

        Raises:
            UserError: If a training is resumed within an epoch with batches that do not fit.
        """
        if self.runner.message_hub.get_info("epoch_trained", None) == self._epoch + 1:
            self._epoch += 1  # stopped in the validation after it, which follows now
            return
        done = self._batches_done()
        self.runner.call_hook("before_train_epoch")
        self.runner.model.train()
        if done < len(self.dataloader):
            self.dataloader.sampler.start = done * self._batch_size
            for index, batch in enumerate(self.dataloader, start=done):
                self.run_iter(index, batch)
            self.dataloader.sampler.start = 0
        self.runner.call_hook("after_train_epoch")
        self._epoch += 1

    def repeat_validation(self) -> int:
        """Note that the validation under way is to be repeated when the training is resumed.

        Returns:
            The epoch that the checkpoint must name for it.
        """
        self.runner.message_hub.update_info("epoch_trained", self._epoch)
        return self._epoch - 1

    @property
    def _batch_size(self) -> int:
        """Images of a batch in one process; a sampler of batches has its own."""
        return self.dataloader.batch_size or getattr(self.dataloader.batch_sampler, "batch_size", 1)

    def _batches_done(self) -> int:
        """Count the batches of this epoch that the checkpoint has behind it; note where the epoch begins."""
        sampler, world_size = self.dataloader.sampler, get_world_size()
        total_batch = self._batch_size * world_size
        # The message hub is in checkpoints, the iteration at which an epoch began is otherwise not.
        epoch, begin, batch_before = self.runner.message_hub.get_info("epoch_begin", (None, 0, 0))
        images = (self._iter - begin) * batch_before if epoch == self._epoch else 0
        if images >= len(sampler) * world_size:
            done = len(self.dataloader)
        elif images and not isinstance(sampler, PassSampler):
            done = 0
            print_log(
                f"Epoch {epoch + 1} begins again: {type(sampler).__name__} cannot go on within an epoch, "
                "as PassSampler does.",
                "current",
                logging.WARNING,
            )
        elif images % total_batch == 0:
            done = images // total_batch
        else:
            raise UserError(
                f"The checkpoint has {images} images of epoch {epoch + 1} behind it, which batches of "
                f"{total_batch} (in all processes) do not add up to. Resume with the batch size and "
                f"number of processes of before ({batch_before} in all), or from the end of an epoch."
            )
        self.runner.message_hub.update_info("epoch_begin", (self._epoch, self._iter - done, total_batch))
        return done
