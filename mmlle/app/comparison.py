"""A photograph before and after, with a divider that mouse, finger and arrow keys move.

Gradio's own ImageSlider has no keyboard and no alternative texts.
"""

import base64
from html import escape

import cv2
import numpy as np

from mmlle.media.image_kinds import to_bgr

__all__ = ["COMPARISON_CSS", "comparison_html"]

#: The position of the divider is kept by the element ``#comparison`` around, which stays when a picture
#: is replaced. The divider is a range input as large as the picture.
COMPARISON_CSS = """
#comparison {--divider: 50; --thumb: 4px}
.comparison {position: relative; margin: 0 auto; overflow: hidden; border-radius: 8px; background: #111;
             max-width: 100%}
.comparison img {position: absolute; inset: 0; width: 100%; height: 100%; user-select: none}
.comparison .after {clip-path: inset(0 0 0
    calc(var(--thumb) / 2 + var(--divider) / 100 * (100% - var(--thumb))))}
.comparison span {position: absolute; z-index: 1; top: 12px; padding: 2px 10px; border-radius: 99px;
                  color: #fff; background: #000a; font-size: 13px; pointer-events: none}
.comparison .left {left: 12px}
.comparison .right {right: 12px}
.comparison input {position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; cursor: ew-resize;
                   appearance: none; background: none; touch-action: pan-y}
.comparison input::-webkit-slider-runnable-track {height: 100%; background: none}
.comparison input::-moz-range-track {height: 100%; background: none}
.comparison input::-webkit-slider-thumb {appearance: none; width: var(--thumb); height: 100%; border: 0;
    border-radius: 0; background: #fff; box-shadow: 0 0 4px #000c; margin: 0}
.comparison input::-moz-range-thumb {width: var(--thumb); height: 100%; border: 0; border-radius: 0;
    background: #fff; box-shadow: 0 0 4px #000c}
.comparison:focus-within {outline: 3px solid var(--color-accent); outline-offset: 2px}
"""

_MOVE = "document.getElementById('comparison').style.setProperty('--divider', this.value)"
_TAKE_OVER = (
    "this.nextElementSibling.value = "
    "getComputedStyle(document.getElementById('comparison')).getPropertyValue('--divider')"
)


def comparison_html(name: str, before: np.ndarray, after: np.ndarray) -> str:
    """Write the two pictures with their divider.

    Args:
        name: Of the photograph.
        before: (H, W, 3) float, RGB in [0, 1].
        after: Of the same form.
    """
    height, width = before.shape[:2]
    name = escape(name)
    return (
        # As wide as there is room, and not higher than most of the window.
        f'<div class="comparison" style="aspect-ratio: {width} / {height}; '
        f'width: min(100%, calc(72vh * {width / height:.4f}))">'
        f'<span class="left" aria-hidden="true">Before</span>'
        f'<span class="right" aria-hidden="true">After</span>'
        f'<img class="before" alt="{name} before" src="{_data_url(before)}">'
        f'<img class="after" alt="{name} after" src="{_data_url(after)}" onload="{_TAKE_OVER}">'
        f'<input type="range" min="0" max="100" step="0.5" value="50" oninput="{_MOVE}" '
        f'aria-label="Divider: before on its left, after on its right">'
        "</div>"
    )


def _data_url(pixels: np.ndarray) -> str:
    _, content = cv2.imencode(".jpg", to_bgr(pixels), [cv2.IMWRITE_JPEG_QUALITY, 90])
    return f"data:image/jpeg;base64,{base64.b64encode(content.tobytes()).decode()}"
