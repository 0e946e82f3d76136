from collections.abc import Iterator

__all__ = ["bands"]


def bands(
    height: int, size: int, margin: int = 0, first: int = 0, last: int | None = None
) -> Iterator[tuple[slice, slice, slice]]:
    """Cut an image into bands of rows, for filters that need their surroundings.

    Args:
        height: Of the image.
        size: Rows of a band.
        margin: How far away rows are that a filtered row depends on.
        first: Row that the bands begin with.
        last: Row that they end before; None for the height.

    Yields:
        The rows of a band, those rows with their surroundings, and the rows of the band within the latter.
    """
    last = height if last is None else last
    for top in range(first, last, size):
        bottom, above = min(top + size, last), max(top - margin, 0)
        yield (
            slice(top, bottom),
            slice(above, min(bottom + margin, height)),
            slice(top - above, bottom - above),
        )
