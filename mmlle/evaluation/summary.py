from collections.abc import Iterable, Mapping

import numpy as np

__all__ = ["Values", "numbered", "summarise"]

#: Values of the measures of an image by their names; None where a measure does not apply to the image.
Values = Mapping[str, float | None]


def summarise(images: Iterable[Values]) -> dict[str, dict[str, float | int | None]]:
    """Average the values of images.

    Returns:
        ``n``, ``mean`` and sample standard deviation ``sd`` by measure, over the images that it applies to;
        the figures that do not exist are None.
    """
    given: dict[str, list[float]] = {}
    for values in images:
        for name, value in values.items():
            given.setdefault(name, []).extend([] if value is None else [value])
    return {
        name: dict(
            n=len(numbers),
            mean=float(np.mean(numbers)) if numbers else None,
            sd=float(np.std(numbers, ddof=1)) if len(numbers) > 1 else None,
        )
        for name, numbers in given.items()
    }


def numbered(name: str, number: int) -> str:
    """Tell several images of one name apart: the first one has it alone."""
    return name if number == 1 else f"{name} ({number})"
