from collections.abc import Iterator

__all__ = ["bands"]


def bands(height: int, size: int, margin: int) -> Iterator[tuple[slice, slice, slice]]:
    """Cut an image into bands of rows, for filters that need their surroundings.

    Args:
        height: Of the image.
        size: Rows of a band.
        margin: How far away rows are that a filtered row depends on.

    Yields:
        The rows of a band, those rows with their surroundings, and the rows of the band within the latter.
    """
    for top in range(0, height, size):
        bottom, first = min(top + size, height), max(top - margin, 0)
        yield (
            slice(top, bottom),
            slice(first, min(bottom + margin, height)),
            slice(top - first, bottom - first),
        )
