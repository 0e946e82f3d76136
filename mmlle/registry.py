"""MMLLE's registries.

Each is a child of MMEngine's root registry, not of MMagic's: under an MMagic parent, ``mmlle.SGZ``
would be found neither from the root nor from a sibling such as MMSegmentation. The ``locations``
are imported by MMEngine the first time a name of this scope is looked up.
"""

from . import check_versions

check_versions()

from mmengine import registry as mmengine  # noqa: E402  (it may be the one that is missing)
from mmengine.registry import Registry  # noqa: E402

from .compat import checkpoint  # noqa: E402

__all__ = [
    "DATASETS",
    "DATA_SAMPLERS",
    "EVALUATOR",
    "HOOKS",
    "LOOPS",
    "METRICS",
    "MODELS",
    "MODEL_WRAPPERS",
    "OPTIMIZERS",
    "OPTIM_WRAPPERS",
    "OPTIM_WRAPPER_CONSTRUCTORS",
    "PARAM_SCHEDULERS",
    "TRANSFORMS",
    "VISBACKENDS",
    "VISUALIZERS",
    "WEIGHT_INITIALIZERS",
]

# Here and not in the package's __init__, because it imports torch.
checkpoint.repair()


def _registry(root: Registry, module: str) -> Registry:
    return Registry(root.name, parent=root, scope="mmlle", locations=[f"mmlle.{module}"])


#: Networks, models, losses and data preprocessors.
MODELS = _registry(mmengine.MODELS, "models")
DATASETS = _registry(mmengine.DATASETS, "datasets")
DATA_SAMPLERS = _registry(mmengine.DATA_SAMPLERS, "datasets")
TRANSFORMS = _registry(mmengine.TRANSFORMS, "datasets.transforms")
METRICS = _registry(mmengine.METRICS, "evaluation")
HOOKS = _registry(mmengine.HOOKS, "engine")
LOOPS = _registry(mmengine.LOOPS, "engine")
OPTIM_WRAPPERS = _registry(mmengine.OPTIM_WRAPPERS, "engine")
WEIGHT_INITIALIZERS = _registry(mmengine.WEIGHT_INITIALIZERS, "models")

# MMEngine looks these up under the default scope and warns where there is none. A method that brings an
# optimiser or a scheduler of its own registers it here.
EVALUATOR = _registry(mmengine.EVALUATOR, "evaluation")
MODEL_WRAPPERS = _registry(mmengine.MODEL_WRAPPERS, "engine")
OPTIM_WRAPPER_CONSTRUCTORS = _registry(mmengine.OPTIM_WRAPPER_CONSTRUCTORS, "engine")
OPTIMIZERS = _registry(mmengine.OPTIMIZERS, "engine")
PARAM_SCHEDULERS = _registry(mmengine.PARAM_SCHEDULERS, "engine")
VISBACKENDS = _registry(mmengine.VISBACKENDS, "engine")
VISUALIZERS = _registry(mmengine.VISUALIZERS, "engine")
