"""A check of a config before anything is built from it.

What a config may hold is read from the signatures of the classes and functions that get it: names of
arguments and their types. What only the values tell, such as a number of epochs below one, is in
:mod:`mmlle.apis.config_tables`.
"""

import inspect
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.registry import (
    DATA_SAMPLERS,
    EVALUATOR,
    LOOPS,
    METRICS,
    OPTIM_WRAPPERS,
    DefaultScope,
    Registry,
)

from mmlle.utils.annotations import Parameter, parameters_of
from mmlle.utils.errors import UserError, one_line

from .config_tables import (
    COMPLETE,
    EXTRAS,
    GIVEN,
    LOOP_KEYS,
    MISTYPED,
    REGISTRIES,
    SCOPES,
    SMALLEST,
    TYPED,
    plain_functions,
)
from .config_words import did_you_mean, is_slip, listed, shown, wrong_value
from .schedule_check import doubtful_schedules

__all__ = ["ConfigError", "check_config"]


class ConfigError(UserError, ValueError):
    """A config that cannot be used as it is."""


#: How many problems a message gives.
_SHOWN = 3

#: How alike a name must be to one that is known to be refused where a signature takes others too.
_ALIKE = 0.8


def check_config(config: Config, needs: Iterable[str] = (), ignored: Iterable[str] = ()) -> None:
    """Check names and types of a config's settings, before anything is built.

    Where a config is built by classes of others whose signatures do not tell, it passes.

    Args:
        config: The config.
        needs: Settings at its top that must be there.
        ignored: Settings at its top that are not used.

    Raises:
        ConfigError: If a setting is misspelt, of a wrong type or missing, or two contradict each other.
            The message names each by its path in the config.
    """
    scope = config.get("default_scope") or "mmengine"
    if not isinstance(scope, str):
        raise ConfigError(f"default_scope is {shown(scope)}; it takes the name of a package.")
    config = Config(
        {name: value for name, value in config.items() if name not in tuple(ignored)},
        filename=config.filename,
    )
    with DefaultScope.overwrite_default_scope(scope):
        problems = [f"{name} is missing" for name in needs if config.get(name) is None]
        problems += _check_top(config)
        problems += _check_stages(config)
        if not problems:
            problems += _check_loops(config)
    if problems:
        what = f"The config {config.filename}" if config.filename else "The config"
        more = f" (and {len(problems) - _SHOWN} more)" if len(problems) > _SHOWN else ""
        raise ConfigError(one_line(f"{what} cannot be used: {'; '.join(problems[:_SHOWN])}{more}."))
    for warning in doubtful_schedules(config.get("param_scheduler"), config.get("train_cfg")):
        print_log(warning, "current", logging.WARNING)


def _check_top(config: Config) -> Iterator[str]:
    """Check what the Runner gets; other names at the top are the config's own."""
    from mmengine.runner import Runner

    known, _ = parameters_of(Runner)
    # MMagic's loops take several.
    for name in ("val_dataloader", "test_dataloader"):
        known[name] = Parameter(dict | list, None)
    known |= dict.fromkeys(LOOP_KEYS, Parameter(dict, None))
    known["model_wrapper_cfg"] = Parameter(dict, None)
    for name, value in config.items():
        parameter = known.get(name)
        if parameter is None:
            meant = next((other for other in known if is_slip(name, other)), None)
            if meant:
                yield f"there is no setting {name}; did you mean {meant}?"
        elif value is None:
            continue
        elif not parameter.takes(value):
            yield wrong_value(name, value, parameter, "it")
        elif name.endswith("_dataloader"):
            for where, loader in _items(name, value):
                yield from _check_loader(where, loader)
        elif name == "optim_wrapper":
            yield from _check_optim_wrapper(name, value)
        elif name == "train_cfg" and value is not None and "type" not in value:
            if "by_epoch" not in value:
                yield "train_cfg has neither a type nor by_epoch"
            else:
                loop = plain_functions()["epochs" if value["by_epoch"] else "iterations"]
                yield from _check_call(name, loop, value, LOOPS, ("by_epoch",), strict=True)
        elif name in LOOP_KEYS and value is not None and "type" not in value:
            yield from _check_call(name, plain_functions()[name], value, LOOPS, strict=True)
        else:
            yield from _check_value(name, name, value, REGISTRIES.get(name), strict=True)


def _check_stages(config: Config) -> Iterator[str]:
    """Check that training, validation and test each have all that they are made of, or nothing."""
    for stage, third in (("train", "optim_wrapper"), ("val", "val_evaluator"), ("test", "test_evaluator")):
        parts = (f"{stage}_dataloader", f"{stage}_cfg", third)
        absent = [name for name in parts if config.get(name) is None]
        if 0 < len(absent) < len(parts) and any(name in config for name in absent):
            yield f"{' and '.join(absent)} is None, and the others of {', '.join(parts)} are not"


def _check_loader(path: str, loader: Any) -> Iterator[str]:
    from torch.utils.data import DataLoader

    if not isinstance(loader, dict):
        yield f"{path} is {shown(loader)}; it takes dict"
        return
    extras = ("num_batch_per_epoch", "disable_subprocess_warning", "worker_init_fn", "collate_fn")
    settings = {name: value for name, value in loader.items() if name not in extras}
    for name in ("dataset", "sampler"):
        if settings.get(name) is None and not (name == "sampler" and settings.get("batch_sampler")):
            yield f"{path}.{name} is missing"
    yield from _check_call(path, DataLoader, settings, None, strict=True)


def _check_optim_wrapper(path: str, wrapper: Any) -> Iterator[str]:
    """Check an optimiser wrapper, or several by name."""
    from mmengine.optim import OptimWrapper

    if not isinstance(wrapper, dict):
        return
    own_constructor = "constructor" in wrapper
    if "optimizer" not in wrapper and "type" not in wrapper:
        others = {
            name: value
            for name, value in wrapper.items()
            if isinstance(value, dict) and ("optimizer" in value or not own_constructor)
        }
        if not others and not own_constructor:
            yield f"{path}.optimizer is missing"
        for name, value in others.items():
            yield from _check_optim_wrapper(f"{path}.{name}", value)
    elif "type" in wrapper:
        yield from _check_built(path, wrapper, OPTIM_WRAPPERS, strict=not own_constructor)
    else:
        extras = EXTRAS[OPTIM_WRAPPERS]
        yield from _check_call(
            path, OptimWrapper, wrapper, OPTIM_WRAPPERS, extras, strict=not own_constructor
        )


def _check_value(path: str, key: str, value: Any, registry: Registry | None, strict: bool) -> Iterator[str]:
    """Check what is below a key: configs of things to build, in lists and dictionaries too.

    Args:
        path: Where it is.
        key: Its last name.
        value: What is there.
        registry: Where types are looked up.
        strict: Whether types must be known: they need not where classes of others may mean something else.
    """
    if isinstance(value, (list, tuple)):
        for where, each in _items(path, value):
            yield from _check_value(where, key, each, registry, strict)
    elif not isinstance(value, dict):
        return
    elif "type" in value:
        if registry is not None:
            yield from _check_built(path, value, registry, strict, SCOPES.get(key))
    elif strict and key in TYPED:
        yield f"{path}.type is missing"
    elif key in plain_functions() and (key not in LOOP_KEYS or registry is LOOPS):
        yield from _check_call(path, plain_functions()[key], value, registry, strict=strict)
    else:
        for name, each in value.items():  # the names are the config's own
            yield from _check_value(f"{path}.{name}", str(name), each, registry, strict)


def _check_built(
    path: str, settings: Mapping, registry: Registry, strict: bool, scope: str | None = None
) -> Iterator[str]:
    kind = settings["type"]
    if registry is METRICS and "metrics" in settings:
        registry = EVALUATOR
    if isinstance(kind, str):
        function = _find(kind, registry, settings.get("_scope_") or scope)
        if function is None:
            if strict:
                yield f"{path}.type: there is no {kind!r}{did_you_mean(kind, _names_of(registry))}"
            return
    elif callable(kind):
        function = kind
    else:
        yield f"{path}.type is {shown(kind)}; it takes the name of a class"
        return
    with DefaultScope.overwrite_default_scope(settings.get("_scope_") or scope):
        yield from _check_call(path, function, settings, registry, EXTRAS.get(registry, ()), strict)


def _check_call(
    path: str,
    function: Callable,
    settings: Mapping,
    registry: Registry | None,
    extras: Collection[str] = (),
    strict: bool = False,
) -> Iterator[str]:
    """Check what a class or function gets, and what is below that."""
    parameters, more = parameters_of(function)
    given = GIVEN.get(registry, ()) if registry else ()
    name = getattr(function, "__name__", "it").lstrip("_")
    for key, value in settings.items():
        where = f"{path}.{key}"
        if key in ("type", "_scope_") or key in extras:
            continue
        parameter = parameters.get(key)
        if parameter is None:
            if not strict:
                continue
            allowed = [other for other in parameters if other not in given]
            meant = did_you_mean(key, allowed, _ALIKE if more else 0.6)
            if not more or (meant and _is_plain(function)):
                takes = "" if meant else f" it takes {listed(allowed)}"
                yield f"{where}: {name} has no such argument{meant or ';'}{takes}"
            continue
        smallest = SMALLEST.get(key)
        stated = _is_plain(function) and (name, key) not in MISTYPED
        if strict and not parameter.takes(value, loosely=not stated):
            yield wrong_value(where, value, parameter, name)
        elif smallest is not None and isinstance(value, (int, float)) and value < smallest:
            yield f"{where} is {value}; it must be at least {smallest}"
        elif _is_plain(function) or key == "init_cfg" or not key.endswith("_cfg"):
            below = REGISTRIES.get(key, registry) if key not in LOOP_KEYS else registry
            yield from _check_value(where, key, value, below, strict and _is_plain(function))
    if strict and registry in COMPLETE and inspect.isclass(function):
        for key, parameter in parameters.items():
            if parameter.required and key not in settings and key not in given:
                yield f"{path}.{key} is missing; {name} needs it"


def _check_loops(config: Config) -> Iterator[str]:
    """Check that loops end."""
    from mmengine.dataset import InfiniteSampler
    from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop

    for stage in ("train", "val", "test"):
        loop = config.get(f"{stage}_cfg")
        if not loop and stage == "train":
            continue
        kind = (loop or {}).get("type")
        if kind is None and stage == "train":
            kind = EpochBasedTrainLoop if loop.get("by_epoch") else IterBasedTrainLoop
        loop_class = _find(kind, LOOPS) if isinstance(kind, str) else kind
        if stage == "train" and not _is_subclass(loop_class, EpochBasedTrainLoop):
            continue
        for where, loader in _items(f"{stage}_dataloader", config.get(f"{stage}_dataloader")):
            sampler = ((loader or {}).get("sampler") or {}).get("type")
            sampler_class = _find(sampler, DATA_SAMPLERS) if isinstance(sampler, str) else sampler
            if _is_subclass(sampler_class, InfiniteSampler):
                ends = "an epoch" if stage == "train" else "the loop"
                yield (
                    f"{where}.sampler is {sampler}, with which {ends} never ends; take "
                    "DefaultSampler" + (", or IterBasedTrainLoop in train_cfg" if stage == "train" else "")
                )


def _items(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Give each of a list with its path; a single one as it is; of None nothing."""
    if isinstance(value, (list, tuple)):
        yield from ((f"{path}.{index}", each) for index, each in enumerate(value))
    elif value is not None:
        yield path, value


def _find(kind: str, registry: Registry, scope: str | None = None) -> Any:
    """Look a type up as the Runner will; None if there is none."""
    try:
        with registry.switch_scope_and_registry(scope) as scoped:
            return scoped.get(kind)
    except (ImportError, AttributeError, ValueError, AssertionError, RuntimeError):
        return None


def _names_of(registry: Registry) -> list[str]:
    """Names that a registry of the present scope knows."""
    names: list[str] = []
    with registry.switch_scope_and_registry(None) as scoped:
        each: Registry | None = scoped
        while each is not None:
            each.import_from_location()
            names += each.module_dict
            each = each.parent
    return names


@cache
def _is_plain(function: Callable) -> bool:
    """Whether the signature of a class or function says what it means: of ours, MMEngine's and torch's."""
    return getattr(function, "__module__", "").partition(".")[0] in ("mmlle", "mmengine", "torch")


def _is_subclass(cls: Any, base: type) -> bool:
    return inspect.isclass(cls) and issubclass(cls, base)
