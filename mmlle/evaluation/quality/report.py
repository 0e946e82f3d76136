"""Tables of what was measured."""

from collections.abc import Mapping, Sequence

from .quality_set import QualitySet

__all__ = ["to_markdown"]


def to_markdown(
    quality_set: QualitySet, summaries: Mapping[str, Mapping[str, Mapping[str, float | int | None]]]
) -> str:
    """Write the table of a set, ``mean ± sd`` in each cell.

    Args:
        quality_set: The set.
        summaries: What :func:`mmlle.evaluation.summary.summarise` gives, by the label of the source.
    """
    names = list(quality_set.measures)
    rows: list[Sequence[str]] = [[f"{quality_set.key} {quality_set.title}", "n", *names]]
    rows.append(["---"] * len(rows[0]))
    for label, summary in summaries.items():
        count = max(int(figures["n"] or 0) for figures in summary.values())
        cells = [_cell(summary[name], quality_set.digits[name], count) for name in names]
        rows.append([label, str(count), *cells])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _cell(figures: Mapping[str, float | int | None], digits: int, count: int) -> str:
    mean, deviation, number = figures["mean"], figures["sd"], figures["n"]
    if mean is None:
        return "–"
    text = f"{mean:.{digits}f}"
    if deviation is not None:
        text += f" ± {deviation:.{digits}f}"
    return text if number == count else f"{text} (n = {number})"
