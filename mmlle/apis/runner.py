import re
from collections.abc import Callable
from functools import partial

from mmengine.runner import BaseLoop, Runner
from torch.utils.data import DataLoader

from mmlle.datasets.first_sample import try_first_sample
from mmlle.engine.stop_signals import outlive_signals
from mmlle.utils.checkpoint_io import check_weights, read_checkpoint, set_weights

__all__ = ["StrictRunner"]


class StrictRunner(Runner):
    """MMEngine's Runner, which loads a checkpoint safely and as a whole, or not at all.

    MMEngine's leaves the weights that a checkpoint does not have as they were initialised, and trains on.
    Here every weight must be there, but for the parts that a model declares as needed by training alone:
    these may be missing where a test or a training (``load_from``) begins with a checkpoint. Resuming needs
    them all.

    Workers of data loaders outlive the signals that end a training, until it has been saved.
    """

    def build_train_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        """Build the loop of the training, and try its pipeline on an image."""
        return _tried(super().build_train_loop(loop), "train_dataloader")

    def build_val_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        """Build the loop of the validation, and try its pipeline on an image."""
        return _tried(super().build_val_loop(loop), "val_dataloader")

    def build_test_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        """Build the loop of the test, and try its pipeline on an image."""
        return _tried(super().build_test_loop(loop), "test_dataloader")

    def load_or_resume(self) -> None:
        """Load or resume as the config says, and tell if what is resumed has ended already."""
        super().load_or_resume()
        loop = self._train_loop
        if self._resume and isinstance(loop, BaseLoop) and loop.iter >= loop.max_iters:
            self.logger.warning(
                f"The training in {self.work_dir} has ended already, after {loop.iter} iterations; "
                "for a longer one raise train_cfg.max_epochs (or max_iters)."
            )

    @staticmethod
    def build_dataloader(
        dataloader: DataLoader | dict, seed: int | None = None, diff_rank_seed: bool = False
    ) -> DataLoader:
        """Build a data loader whose workers do not end before the training does."""
        loader = Runner.build_dataloader(dataloader, seed, diff_rank_seed)
        loader.worker_init_fn = partial(outlive_signals, loader.worker_init_fn)
        return loader

    def load_checkpoint(
        self,
        filename: str,
        map_location: str | Callable = "cpu",
        strict: bool = False,
        revise_keys: list[tuple[str, str]] = [(r"^module\.", "")],  # noqa: B006  (MMEngine's signature)
    ) -> dict:
        """Load the weights of a checkpoint.

        Args:
            filename: File, URL or a name that MMEngine knows.
            map_location: Where the tensors go.
            strict: Whether nothing may be missing, as when a training is resumed.
            revise_keys: Patterns in the names of weights, and what replaces them.

        Returns:
            What the file holds.

        Raises:
            CheckpointError: If the file cannot be read, its weights do not fit the model or are not finite.
        """
        checkpoint = read_checkpoint(filename, map_location)
        weights = checkpoint["state_dict"]
        for pattern, replacement in revise_keys:
            weights = {re.sub(pattern, replacement, name): value for name, value in weights.items()}
        what = f"the model of {self.cfg.filename}" if self.cfg.filename else "the model"
        checkpoint["state_dict"] = check_weights(self.model, weights, filename, what, strict or self._resume)
        # Hooks may exchange weights: those of an average and those that the training goes on with.
        self.call_hook("after_load_checkpoint", checkpoint=checkpoint)
        set_weights(self.model, checkpoint["state_dict"])
        self._has_loaded = True
        self.logger.info(f"Loaded the checkpoint {filename}.")
        return checkpoint


def _tried(loop: BaseLoop, name: str) -> BaseLoop:
    loader = getattr(loop, "dataloader", None)
    if isinstance(loader, DataLoader):
        try_first_sample(loader.dataset, f"{name}.dataset")
    return loop
