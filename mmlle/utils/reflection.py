"""Padding by reflection, as positions of pixels, for arrays of every kind."""

__all__ = ["reflected"]


def reflected(side: int, multiple: int) -> tuple[list[int], int]:
    """Pad a side until its length is a multiple of a number.

    The padding is split between both ends, the odd pixel to the latter. Sides smaller than their padding are
    reflected again and again, a single pixel is repeated.

    Args:
        side: Length of the side.
        multiple: The number.

    Returns:
        Which pixel of the side comes where in the padded one, and where the first pixel is.
    """
    padding = -side % multiple
    before = padding // 2
    period = max(2 * (side - 1), 1)
    positions = [position % period for position in range(-before, side + padding - before)]
    return [min(position, period - position) if side > 1 else 0 for position in positions], before
