"""MMLLE's registries.

Each is a child of MMEngine's root registry, not of MMagic's: under an MMagic parent, ``mmlle.SGZ``
would be found neither from the root nor from a sibling such as MMSegmentation. The ``locations``
are imported by MMEngine the first time a name of this scope is looked up.
"""

from mmengine.registry import DATA_SAMPLERS as MMENGINE_DATA_SAMPLERS
from mmengine.registry import DATASETS as MMENGINE_DATASETS
from mmengine.registry import HOOKS as MMENGINE_HOOKS
from mmengine.registry import LOOPS as MMENGINE_LOOPS
from mmengine.registry import METRICS as MMENGINE_METRICS
from mmengine.registry import MODELS as MMENGINE_MODELS
from mmengine.registry import OPTIM_WRAPPERS as MMENGINE_OPTIM_WRAPPERS
from mmengine.registry import TRANSFORMS as MMENGINE_TRANSFORMS
from mmengine.registry import Registry

from .compat import checkpoint

__all__ = [
    "DATASETS",
    "DATA_SAMPLERS",
    "HOOKS",
    "LOOPS",
    "METRICS",
    "MODELS",
    "OPTIM_WRAPPERS",
    "TRANSFORMS",
]

# Here and not in the package's __init__, because it imports torch.
checkpoint.repair()

#: Networks, models, losses and data preprocessors.
MODELS = Registry("model", parent=MMENGINE_MODELS, scope="mmlle", locations=["mmlle.models"])
DATASETS = Registry(
    "dataset", parent=MMENGINE_DATASETS, scope="mmlle", locations=["mmlle.datasets"]
)
DATA_SAMPLERS = Registry(
    "data sampler", parent=MMENGINE_DATA_SAMPLERS, scope="mmlle", locations=["mmlle.datasets"]
)
TRANSFORMS = Registry(
    "transform", parent=MMENGINE_TRANSFORMS, scope="mmlle", locations=["mmlle.datasets.transforms"]
)
METRICS = Registry("metric", parent=MMENGINE_METRICS, scope="mmlle", locations=["mmlle.evaluation"])
HOOKS = Registry("hook", parent=MMENGINE_HOOKS, scope="mmlle", locations=["mmlle.engine"])
LOOPS = Registry("loop", parent=MMENGINE_LOOPS, scope="mmlle", locations=["mmlle.engine"])
OPTIM_WRAPPERS = Registry(
    "optimizer wrapper",
    parent=MMENGINE_OPTIM_WRAPPERS,
    scope="mmlle",
    locations=["mmlle.engine"],
)
