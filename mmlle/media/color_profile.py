"""RGB and grey ICC profiles of a matrix and curves, to sRGB and back in floating point.

Pillow's ImageCms converts 8 bits only and clips; Display P3, Adobe RGB, ProPhoto RGB and Rec. 2020 are all
matrix profiles (ICC.1:2022, 8.3.3), which a few lines convert at any depth.
"""

import struct
from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np

from .color import linear_to_srgb, look_up

__all__ = ["SRGB_CURVE", "ColorProfile", "Curve", "parse_profile"]

#: Linear sRGB to XYZ of the profile connection space (D50), as sRGB profiles state it.
_SRGB_TO_XYZ = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)
#: Differences of rounding between what makers call sRGB; half a level of 8 bits.
_SAME = 2e-3


@dataclass(frozen=True, eq=False)
class Curve:
    """Encoded value to light: Y = (aX + b)^g + e where X >= d, else cX + f; or a table over [0, 1].

    float64 is computed and may exceed [0, 1], where a table, and a power below zero, go on with a slope of 1:
    what is there comes back as it was. float32 is looked up and clipped, several times as fast
    and within a fraction of a level of 8 bits.
    """

    g: float = 1.0
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 0.0
    f: float = 0.0
    table: np.ndarray | None = None

    def decode(self, x: np.ndarray) -> np.ndarray:
        """Convert encoded values to light."""
        if x.dtype == np.float32:
            return look_up(self._decoded, x)
        if self.table is not None:
            return np.interp(x, np.linspace(0, 1, len(self.table)), self.table) + _outside(x)
        power = np.maximum(self.a * x + self.b, 0) ** self.g + self.e
        return np.where(x >= self.d, power, self.f + (self.c * x if self.c else np.minimum(x, 0)))

    def encode(self, y: np.ndarray) -> np.ndarray:
        """Convert light to encoded values."""
        if y.dtype == np.float32:
            return look_up(self._encoded, y)
        if self.table is not None:
            # Of equal entries the first one, so that black stays black, and at the end the last one.
            first = np.append(True, np.diff(self.table) > 0)
            values = np.linspace(0, 1, len(self.table))[first]
            values[-1] = 1
            return np.interp(y, self.table[first], values) + _outside(y)
        power = (np.maximum(y - self.e, 0) ** (1 / self.g) - self.b) / self.a
        threshold = max(self.a * self.d + self.b, 0.0) ** self.g + self.e
        linear = (y - self.f) / self.c if self.c else self.d + np.minimum(y - self.f, 0)
        return np.where(y >= threshold, power, linear)

    @cached_property
    def _decoded(self) -> np.ndarray:
        # Every value of 8 and of 16 bits has an entry of its own.
        return self.decode(np.linspace(0, 1, 65536)).astype(np.float32)

    @cached_property
    def _encoded(self) -> np.ndarray:
        # So many because curves are steep near black.
        return self.encode(np.linspace(0, 1, 2**20)).astype(np.float32)


def _outside(values: np.ndarray) -> np.ndarray:
    return np.minimum(values, 0) + np.maximum(values - 1, 0)


#: The curve of sRGB (IEC 61966-2-1).
SRGB_CURVE = Curve(g=2.4, a=1 / 1.055, b=0.055 / 1.055, c=1 / 12.92, d=0.04045)


@dataclass(frozen=True, eq=False)
class ColorProfile:
    """Conversion between the encoded values of a profile and linear sRGB light, see :class:`Curve`.

    Args:
        curves: Of red, green and blue.
        to_srgb: Linear RGB of the profile to linear sRGB, (3, 3).
    """

    curves: tuple[Curve, Curve, Curve]
    to_srgb: np.ndarray

    def to_linear_srgb(self, encoded: np.ndarray) -> np.ndarray:
        """Convert (H, W, 3) encoded values, 0 to 1 and beyond, to linear sRGB of the same type."""
        light = np.stack([curve.decode(encoded[..., i]) for i, curve in enumerate(self.curves)], axis=-1)
        return cv2.transform(light, self.to_srgb)

    def from_linear_srgb(self, linear: np.ndarray) -> np.ndarray:
        """Convert (H, W, 3) linear sRGB back to encoded values of the same type."""
        light = cv2.transform(linear, self._from_srgb)
        return np.stack([curve.encode(light[..., i]) for i, curve in enumerate(self.curves)], axis=-1)

    @cached_property
    def _from_srgb(self) -> np.ndarray:
        return np.linalg.inv(self.to_srgb)

    @property
    def is_srgb(self) -> bool:
        """Whether it is sRGB, but for rounding."""
        x = np.linspace(0, 1, 33)
        curves = max(abs(linear_to_srgb(curve.decode(x)) - x).max() for curve in self.curves)
        return bool(curves < _SAME * 2 and abs(self.to_srgb - np.eye(3)).max() < _SAME)


@lru_cache(maxsize=16)
def parse_profile(profile: bytes) -> ColorProfile | None:
    """Parse an ICC profile.

    Returns:
        None if it is sRGB, or no RGB or grey profile of a matrix and curves, or damaged: values are then
        to be used as they are.
    """
    try:
        parsed = _parse(profile)
    except (struct.error, KeyError, ValueError, IndexError, np.linalg.LinAlgError):
        return None
    return None if parsed is None or parsed.is_srgb else parsed


def _parse(profile: bytes) -> ColorProfile | None:
    space, connection = profile[16:20], profile[20:24]
    (count,) = struct.unpack_from(">I", profile, 128)
    if count > 200:
        raise ValueError("too many tags")
    entries = (struct.unpack_from(">4sII", profile, 132 + 12 * i) for i in range(count))
    tags = {name: profile[start : start + size] for name, start, size in entries}
    if space == b"GRAY":
        curve = _parse_curve(tags[b"kTRC"])
        return ColorProfile((curve, curve, curve), np.eye(3))
    # Tables for both directions go before the matrix.
    if space != b"RGB " or connection != b"XYZ " or b"A2B0" in tags:
        return None
    columns = [
        [value / 65536 for value in struct.unpack_from(">3i", tags[name], 8)]
        for name in (b"rXYZ", b"gXYZ", b"bXYZ")
    ]
    red, green, blue = (_parse_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC"))
    to_srgb = np.linalg.inv(_SRGB_TO_XYZ) @ np.array(columns).T
    np.linalg.inv(to_srgb)  # a singular one is damaged
    return ColorProfile((red, green, blue), to_srgb)


def _parse_curve(tag: bytes) -> Curve:
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count == 0:
            return Curve()
        if count == 1:
            return Curve(g=struct.unpack_from(">H", tag, 12)[0] / 256)
        table = np.frombuffer(tag, ">u2", count, 12) / 65535
        if np.any(np.diff(table) < 0) or table[0] == table[-1]:
            raise ValueError("a curve that cannot be inverted")
        return Curve(table=table)
    if tag[:4] != b"para":
        raise ValueError(f"a curve of type {tag[:4]!r}")
    (kind,) = struct.unpack_from(">H", tag, 8)
    names = ("g", "ga b", "gabc", "gabcd", "gabcdef")[kind].replace(" ", "")
    values = dict(
        zip(names, (v / 65536 for v in struct.unpack_from(f">{len(names)}i", tag, 12)), strict=True)
    )
    if kind in (1, 2):  # a constant below the zero of the power
        constant = values.pop("c", 0.0)
        values.update(d=-values["b"] / values["a"], e=constant, f=constant)
    if values["g"] <= 0 or values.get("a", 1.0) <= 0:
        raise ValueError("a curve that cannot be inverted")
    return Curve(**values)
