"""What a class or function takes, by its signature, and whether a value written in a config fits."""

import collections.abc
import inspect
import os
import types
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

__all__ = ["Parameter", "describe", "fits", "parameters_of"]

#: Packages whose classes pass ``**kwargs`` on to the class that they derive from, and to nothing else.
_PLAIN_PACKAGES = ("mmlle", "mmengine", "torch")


class Parameter(NamedTuple):
    """What a class or function takes under a name.

    Attributes:
        annotation: Its type; ``inspect.Parameter.empty`` if none is stated.
        default: ``inspect.Parameter.empty`` if there is none.
    """

    annotation: Any
    default: Any

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is inspect.Parameter.empty

    def takes(self, value: Any, loosely: bool = False) -> bool:
        """Whether a value fits; None also fits where it is the default, whatever the annotation says.

        Args:
            value: The value.
            loosely: See :func:`fits`.
        """
        if value is None and self.default is None:
            return True
        if self.annotation is inspect.Parameter.empty and _is_number(self.default):
            return not isinstance(value, str)  # a number's place may hold a list, but no text
        return fits(value, self.annotation, loosely)

    def __str__(self) -> str:
        if self.annotation is inspect.Parameter.empty:
            return "a number" if _is_number(self.default) else "anything"
        return describe(self.annotation) + (
            " or None" if self.default is None and not fits(None, self.annotation) else ""
        )


def parameters_of(function: Callable) -> tuple[dict[str, Parameter], bool]:
    """Find what a class or function takes by name.

    ``**kwargs`` of a class are what the next class takes that it derives from.

    Returns:
        The parameters, and whether others are taken too, as far as the signatures tell.
    """
    if not inspect.isclass(function):
        return _signature(function)
    found: dict[str, Parameter] = {}
    for cls in function.__mro__:
        if cls is object or "__init__" not in vars(cls):
            continue
        own, more = _signature(vars(cls)["__init__"])
        own.pop(next(iter(own), ""), None)  # self
        found = {**own, **found}
        if not more:
            return found, cls is not function and not function.__module__.startswith(_PLAIN_PACKAGES)
    return found, any("__init__" in vars(cls) for cls in function.__mro__[:-1])


def _signature(function: Callable) -> tuple[dict[str, Parameter], bool]:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # written in C
        return {}, True
    names = getattr(inspect.unwrap(function), "__globals__", {})
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = {
        name: Parameter(_evaluated(each.annotation, names), each.default)
        for name, each in signature.parameters.items()
        if each.kind in named
    }
    more = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in signature.parameters.values())
    return parameters, more


def _evaluated(annotation: Any, names: dict[str, Any]) -> Any:
    """Give the type that is written as text; the text if a name in it exists for type checkers alone."""
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, dict(names))  # what the function's own module says, as typing evaluates it
    except (AttributeError, NameError, SyntaxError, TypeError):
        return annotation


def fits(value: Any, annotation: Any, loosely: bool = False) -> bool:
    """Whether a value of a config fits an annotation.

    Lists and tuples stand for each other, whole numbers for floats, texts for paths, and a dictionary for any
    object that is built from it. Annotations of which it is not known what they mean, everything fits.

    Args:
        value: The value.
        annotation: The type.
        loosely: Whether everything fits but text in a number's place. Annotations that no type checker has
            seen say ``dict`` where they mean a number, and ``Tuple[List[str], str]`` for either of the two.
    """
    if loosely and not isinstance(value, str):
        return True
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, each, loosely) for each in arguments)
    if origin is typing.Annotated:
        return fits(value, arguments[0], loosely)
    if origin is Literal:
        return value in arguments
    if annotation is None or annotation is type(None):
        return value is None
    wanted = origin or annotation
    if loosely:
        return wanted not in (bool, int, float)
    if wanted is collections.abc.Callable:
        return callable(value) or isinstance(value, dict)
    if annotation is Any or not inspect.isclass(wanted) or wanted in (object, inspect.Parameter.empty):
        return True
    if wanted in (bool, str):
        return isinstance(value, wanted)
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if wanted is float:
        return _is_number(value)
    if issubclass(wanted, os.PathLike):
        return isinstance(value, (str, os.PathLike))
    if wanted is type:
        return isinstance(value, (str, type))
    if issubclass(wanted, collections.abc.Mapping):
        return isinstance(value, dict) and (
            len(arguments) < 2 or all(fits(each, arguments[1]) for each in value.values())
        )
    if _is_sequence(wanted):
        return _fits_sequence(value, wanted, arguments)
    return isinstance(value, (wanted, dict)) or f"{wanted.__module__}.{wanted.__name__}" in _FROM_TEXT


#: Classes that are made from what a config writes, such as "cuda:0".
_FROM_TEXT = ("torch.device", "torch.dtype")


def _fits_sequence(value: Any, wanted: type, arguments: tuple[Any, ...]) -> bool:
    if isinstance(value, (str, dict)) or not isinstance(value, collections.abc.Iterable):
        return False
    if not isinstance(value, (list, tuple)):
        return True  # an object of some class
    if wanted is tuple and arguments and Ellipsis not in arguments:
        return len(value) == len(arguments) and all(map(fits, value, arguments))
    return not arguments or all(fits(each, arguments[0]) for each in value)


def _is_sequence(wanted: type) -> bool:
    plain = (list, tuple, set, frozenset)
    return wanted in (*plain, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def describe(annotation: Any) -> str:
    """Name a type in a message: ``int or None``, ``list[str]``, ``'l1' or 'l2'``."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(map(describe, arguments)))
    if origin is Literal:
        return " or ".join(map(repr, arguments))
    if annotation is None or annotation is type(None):
        return "None"
    if origin == collections.abc.Callable:
        return "Callable"
    if arguments and inspect.isclass(origin):
        inner = ", ".join("..." if each is Ellipsis else describe(each) for each in arguments)
        return f"{origin.__name__.lower()}[{inner}]"
    if annotation is Path:
        return "str"
    return getattr(annotation, "__name__", str(annotation).removeprefix("typing."))
