from pathlib import Path

import pytest
from PIL import features

from mmlle.media.property_table import conversion_table, property_table

PAGE = Path(__file__).resolve().parents[2] / "docs/photographs.md"


@pytest.fixture(scope="module")
def page():
    if not features.check("avif"):
        pytest.skip("the installed Pillow has no AVIF, and the tables of the docs have")
    return PAGE.read_text(encoding="utf-8")


def cells(table):
    return [line.strip("| \n").split(" | ") for line in table.splitlines()[2:]]


def test_the_docs_have_what_is_kept(page):
    table = property_table()
    assert f"<!-- properties -->\n{table}<!-- end -->" in page
    rows = cells(table)
    # 2 JPEG, 8 PNG, 12 TIFF, 4 WebP, 4 AVIF, 2 BMP, 4 PPM, 4 EXR.
    assert len(rows) == 40
    assert not [row for row in rows if "lost" in row or "changed" in row]
    assert all(
        row[4] == "applied once" for row in rows if row[0].startswith((".jpg", ".png", ".tif", ".webp"))
    )


def test_the_docs_have_what_is_converted(page):
    table = conversion_table()
    assert f"<!-- conversions -->\n{table}<!-- end -->" in page
    assert {row[0]: row[4] for row in cells(table)}[".jpg"] == "refused"
