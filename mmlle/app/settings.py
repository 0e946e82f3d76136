"""The settings of :class:`mmlle.look.Look` as controls: words to choose, and a number for some."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mmlle.look import MAX_STRENGTH, Look
from mmlle.look.look import AUTO_EXPOSURE, AUTO_SHADOWS

__all__ = ["NUMBER", "SETTINGS", "Setting", "look_of", "values_of"]

#: The choice that takes the number.
NUMBER = "number"


@dataclass(frozen=True)
class Setting:
    """A setting of the look.

    Args:
        name: Of the argument of :class:`mmlle.look.Look`.
        label: Of its control.
        words: What can be chosen without a number: labels and values.
        number: Label of the number; None where there is none.
        lowest: Of the number.
        highest: Of the number.
        step: Of the number.
        start: The number that is shown first.
    """

    name: str
    label: str
    words: tuple[tuple[str, str | None], ...]
    number: str | None = None
    lowest: float = 0
    highest: float = 1
    step: float = 0.01
    start: float = 0.5

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Labels and what stands for them in the page; ``'None'`` for None."""
        words = [(label, str(value)) for label, value in self.words]
        return words if self.number is None else [*words, ("Set", NUMBER)]


SETTINGS = (
    Setting(
        "exposure",
        "Exposure",
        (("Auto", "auto"), ("As trained", "as-trained")),
        "Mean brightness to reach",
        0.30,
        0.60,
        start=AUTO_EXPOSURE,
    ),
    Setting(
        "shadows",
        "Shadows",
        (("Auto", "auto"), ("Off", "off")),
        "Mean brightness of the dark parts",
        0.20,
        0.50,
        start=AUTO_SHADOWS,
    ),
    Setting(
        "denoise",
        "Denoising",
        (("Auto", "auto"), ("Off", "off")),
        "Strength of the denoising",
        0,
        30,
        1,
        10,
    ),
    Setting("saturation", "Colours", (("Keep the hues", "keep"), ("As the method gives", "as-is"))),
    Setting(
        "strength",
        "Strength",
        (("By exposure and shadows", None),),
        "Strength (0 the input, 1 as trained)",
        0,
        MAX_STRENGTH,
        0.05,
        1,
    ),
)


def look_of(values: Sequence[Any], own: Look) -> Look:
    """Make a look of what the controls hold.

    Args:
        values: Of each of :data:`SETTINGS`, the choice and, where there is one, the number.
        own: The look of the method's config, for what has no control.

    Raises:
        UserError: If a value is none that the look takes.
    """
    left = list(values)
    arguments: dict[str, Any] = {}
    for setting in SETTINGS:
        choice = left.pop(0)
        number = None if setting.number is None else left.pop(0)
        arguments[setting.name] = None if choice == "None" else number if choice == NUMBER else choice
    return replace(own, **arguments)


def values_of(look: Look) -> list[str | float]:
    """Return what the controls hold for a look; the inverse of :func:`look_of`."""
    values: list[str | float] = []
    for setting in SETTINGS:
        value = getattr(look, setting.name)
        is_number = isinstance(value, (int, float))
        values.append(NUMBER if is_number else str(value))
        if setting.number is not None:
            values.append(value if is_number else setting.start)
    return values
