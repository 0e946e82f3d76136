"""What may stand where in a config, as far as signatures do not tell."""

from collections.abc import Callable

from mmengine.registry import (
    DATA_SAMPLERS,
    DATASETS,
    HOOKS,
    LOG_PROCESSORS,
    LOOPS,
    METRICS,
    MODEL_WRAPPERS,
    MODELS,
    OPTIM_WRAPPERS,
    OPTIMIZERS,
    PARAM_SCHEDULERS,
    TRANSFORMS,
    VISBACKENDS,
    VISUALIZERS,
    WEIGHT_INITIALIZERS,
    Registry,
)

__all__ = [
    "COMPLETE",
    "EXTRAS",
    "GIVEN",
    "LOOP_KEYS",
    "MISTYPED",
    "REGISTRIES",
    "SCOPES",
    "SMALLEST",
    "TYPED",
    "plain_functions",
]

#: By the key that holds a config: where its type is looked up. Other keys are the same registry's as the
#: config around them.
REGISTRIES: dict[str, Registry] = {
    "model": MODELS,
    "model_wrapper_cfg": MODEL_WRAPPERS,
    "data_preprocessor": MODELS,
    "dataset": DATASETS,
    "datasets": DATASETS,
    "pipeline": TRANSFORMS,
    "transforms": TRANSFORMS,
    "sampler": DATA_SAMPLERS,
    "batch_sampler": DATA_SAMPLERS,
    "train_cfg": LOOPS,
    "val_cfg": LOOPS,
    "test_cfg": LOOPS,
    "optim_wrapper": OPTIM_WRAPPERS,
    "optimizer": OPTIMIZERS,
    "param_scheduler": PARAM_SCHEDULERS,
    "val_evaluator": METRICS,
    "test_evaluator": METRICS,
    "metrics": METRICS,
    "default_hooks": HOOKS,
    "custom_hooks": HOOKS,
    "log_processor": LOG_PROCESSORS,
    "visualizer": VISUALIZERS,
    "vis_backends": VISBACKENDS,
    "init_cfg": WEIGHT_INITIALIZERS,
}

#: Keys whose configs have a type.
TYPED = ("model", "dataset", "sampler", "batch_sampler", "optimizer")

#: Loops and their settings, which only have this meaning at the top of a config.
LOOP_KEYS = ("train_cfg", "val_cfg", "test_cfg")

#: What a config may hold beside the arguments of what is built, because others take it out before.
EXTRAS: dict[Registry, tuple[str, ...]] = {
    HOOKS: ("priority",),
    PARAM_SCHEDULERS: ("convert_to_iter_based",),
    OPTIM_WRAPPERS: ("constructor", "paramwise_cfg"),
    WEIGHT_INITIALIZERS: ("override",),
    METRICS: (),
}

#: Arguments that the builder adds.
GIVEN: dict[Registry, tuple[str, ...]] = {
    LOOPS: ("runner", "dataloader", "evaluator"),
    PARAM_SCHEDULERS: ("optimizer", "param_name"),
    DATA_SAMPLERS: ("dataset", "sampler", "batch_size"),
    OPTIMIZERS: ("params",),
    VISUALIZERS: ("name",),
    VISBACKENDS: ("save_dir",),
}

#: Registries of which a config must hold every argument without a default; models may add some to their
#: parts'.
COMPLETE = (LOOPS, PARAM_SCHEDULERS, OPTIMIZERS, OPTIM_WRAPPERS, DATASETS, TRANSFORMS, HOOKS, METRICS)

#: What is stated wrongly: it takes numbers as well.
MISTYPED = (("AmpOptimWrapper", "loss_scale"),)

#: MMSegmentation's networks are built in their own scope.
SCOPES = {"segmentor": "mmseg"}

#: Smallest sensible values, by name.
SMALLEST = dict(
    max_epochs=1,
    max_iters=1,
    val_interval=1,
    batch_size=1,
    base_batch_size=1,
    num_workers=0,
    steps=1,
    order=1,
    width=1,
    num_layers=1,
    num_blocks=1,
    patch_size=1,
    num_patches=1,
    iterations=1,
    region_size=1,
)


def _randomness(
    seed: int | None = None, diff_rank_seed: bool = False, deterministic: bool = False
) -> None: ...


def _env_cfg(
    cudnn_benchmark: bool = False,
    mp_cfg: dict | None = None,
    dist_cfg: dict | None = None,
    resource_limit: int = 4096,
) -> None: ...


def _auto_scale_lr(base_batch_size: int, enable: bool = False) -> None: ...


def plain_functions() -> dict[str, Callable]:
    """By key: what takes the settings of a dictionary without a type."""
    from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop, LogProcessor, TestLoop, ValLoop
    from mmengine.visualization import Visualizer
    from torch.nn.utils import clip_grad_norm_

    return dict(
        randomness=_randomness,
        env_cfg=_env_cfg,
        auto_scale_lr=_auto_scale_lr,
        log_processor=LogProcessor,
        visualizer=Visualizer,
        val_cfg=ValLoop,
        test_cfg=TestLoop,
        epochs=EpochBasedTrainLoop,
        iterations=IterBasedTrainLoop,
        clip_grad=clip_grad_norm_,
    )
