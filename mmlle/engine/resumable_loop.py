from mmengine.runner import EpochBasedTrainLoop

from mmlle.registry import LOOPS

__all__ = ["ResumableEpochLoop"]


@LOOPS.register_module()
class ResumableEpochLoop(EpochBasedTrainLoop):
    """MMEngine's epoch-based training, resumed within an epoch too.

    A checkpoint taken in the middle of an epoch (``CheckpointHook(by_epoch=False)``) goes on with the batch
    after it; MMEngine's loop begins the epoch again. Needs :class:`mmlle.datasets.PassSampler`.
    """

    def run_epoch(self) -> None:
        """Run an epoch, or what is left of it."""
        done = self._iter - self._epoch * len(self.dataloader)
        self.dataloader.sampler.start = done * self.dataloader.batch_size
        self.runner.call_hook("before_train_epoch")
        self.runner.model.train()
        for index, batch in enumerate(self.dataloader, start=done):
            self.run_iter(index, batch)
        self.runner.call_hook("after_train_epoch")
        self._epoch += 1
