import numpy as np

from mmlle.media.color import rgb_luma

__all__ = ["HISTOGRAM_CSS", "histogram_svg", "luma_histogram"]

NUM_BINS = 64
WIDTH, HEIGHT = 320, 90

HISTOGRAM_CSS = """
.histogram {width: 100%; height: auto; display: block}
.histogram .before {fill: var(--body-text-color-subdued); opacity: .55}
.histogram .after {fill: var(--color-accent); opacity: .55}
.histogram text {fill: var(--body-text-color-subdued); font-size: 11px}
.histogram line {stroke: var(--border-color-primary)}
"""


def luma_histogram(pixels: np.ndarray) -> np.ndarray:
    """Shares (64,) of the pixels of an image (H, W, 3) float, RGB in [0, 1], by luma."""
    bins = np.minimum((rgb_luma(pixels) * NUM_BINS).astype(int), NUM_BINS - 1)
    return np.bincount(bins.ravel(), minlength=NUM_BINS) / bins.size


def histogram_svg(before: np.ndarray, after: np.ndarray) -> str:
    """Draw the histograms of the luma of two images (H, W, 3) float, RGB in [0, 1], over each other."""
    shares = [luma_histogram(before), luma_histogram(after)]
    # A peak, such as black, must not flatten the rest.
    top = max(np.sort(share)[-3] for share in shares) or max(share.max() for share in shares)
    means = [float(rgb_luma(image).mean()) for image in (before, after)]
    text = f"Mean brightness {means[0]:.2f} before, {means[1]:.2f} after"
    shapes = "".join(
        f'<path class="{name}" d="{_area(np.minimum(share / top, 1))}"/>'
        for name, share in zip(("before", "after"), shares, strict=True)
    )
    return (
        f'<svg class="histogram" viewBox="0 0 {WIDTH} {HEIGHT + 18}" role="img" '
        f'aria-label="Histogram of the luma. {text}.">{shapes}'
        f'<line x1="0" y1="{HEIGHT}" x2="{WIDTH}" y2="{HEIGHT}"/>'
        f'<text x="0" y="{HEIGHT + 13}">dark</text>'
        f'<text x="{WIDTH / 2}" y="{HEIGHT + 13}" text-anchor="middle">{text}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT + 13}" text-anchor="end">bright</text></svg>'
    )


def _area(heights: np.ndarray) -> str:
    step = WIDTH / NUM_BINS
    tops = "".join(
        f"V{HEIGHT * (1 - height):.1f}H{step * (index + 1):g}" for index, height in enumerate(heights)
    )
    return f"M0 {HEIGHT}{tops}V{HEIGHT}Z"
