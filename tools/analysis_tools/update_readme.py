"""Write the tables of README.md again, from what was measured.

``python tools/analysis_tools/update_readme.py``

Replaced are the tables between ``<!-- table NAME -->`` and ``<!-- end of table -->``. ``lol`` has the figures
that ``check_zoo.py`` tests; ``quality`` those of docs/quality_final.json, which ``benchmark_quality.py
--final --out docs/quality_final.json`` writes.
"""

import argparse
import json
import re
from collections.abc import Mapping
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.utils.files import write_bytes
from mmlle.zoo.check import Statement, metafile_statements
from mmlle.zoo.originals import ORIGINAL_FIGURES

__all__ = ["main", "render"]

ROOT = Path(__file__).resolve().parents[2]

#: Title, set, its measures, and their decimals.
COLUMNS = (
    ("dark and noisy: PSNR/SSIM", "A", {"PSNR": 2, "SSIM": 3}),
    ("under-exposed: PSNR/SSIM", "B", {"PSNR": 2, "SSIM": 3}),
    ("ordinary: burnt %", "C", {"burnt %": 2}),
    ("hue shift °", "C", {"hue °": 1}),
    ("shadows' luma", "C", {"shadows": 0}),
    ("highlights kept, dB", "C", {"highlights dB": 1}),
)
LOL = "LOL v1, 7 of the 15 test pairs"
TABLE = re.compile(r"(<!-- table (\w+) -->).*?(<!-- end of table -->)", re.DOTALL)
NAMES = dict(
    global_curve="Global curve",
    sgz="SGZ",
    zero_dce="Zero-DCE",
    pairlie="PairLIE",
    enlightengan="EnlightenGAN",
)
#: Configs that the authors' weights are tested by on LOL.
COUNTERPARTS = dict(sgz="sgz/sgz_lol", zero_dce="zero_dce/zero_dce_lol", pairlie="pairlie/pairlie_lol_sice")


def render(text: str, configs: Path, report: Mapping) -> str:
    """Replace the tables of a page.

    Args:
        text: The page.
        configs: The folder of the configs, with the metafiles.
        report: What ``benchmark_quality.py --out`` has written.
    """
    tables = dict(lol=lol_table(list(metafile_statements(configs))), quality=quality_table(report))
    return TABLE.sub(lambda found: f"{found[1]}\n{tables[found[2]]}\n{found[3]}", text)


def lol_table(statements: list[Statement]) -> str:
    """The authors' weights and ours, on LOL's pairs."""
    rows = [["method", "the authors' weights: PSNR/SSIM", "ours: PSNR/SSIM", "recipe"], ["---"] * 4]
    originals = {f"{each.method}/{each.config}": each for each in ORIGINAL_FIGURES if not each.options}
    ours = {each.config.parent.name: each for each in statements if each.dataset == LOL and each.checkpoint}
    for method, each in ours.items():
        original = originals.get(COUNTERPARTS.get(method, ""))
        theirs = "–" if original is None else figures(original.figures)
        link = f"[{each.config.stem}](configs/{method}/{each.config.name})"
        rows.append([NAMES[method], theirs, figures(each.figures), link])
    return to_table(rows)


def quality_table(report: Mapping) -> str:
    """Four kinds of photographs at once, a row for each model."""
    rows = [["weights", *(title for title, _, _ in COLUMNS)], ["---"] * (len(COLUMNS) + 1)]
    for label in report["models"]:
        cells = []
        for _, key, measures in COLUMNS:
            summary = report["sets"][key]["summary"][label]
            cells.append("/".join(f"{summary[name]['mean']:.{digits}f}" for name, digits in measures.items()))
        rows.append([title_of(label), *cells])
    return to_table(rows)


def title_of(label: str) -> str:
    """Name of a row: ``sgz+look`` is ours in the look of ``mmlle enhance``, ``sgz_official`` the authors'."""
    name, _, look = label.partition("+")
    method = name.removesuffix("_official")
    whose = "ours" if method == name else "the authors' weights"
    title = f"{NAMES[method]}, {whose}"
    return f"{title}, `+{look}`" if look else title


def figures(metrics: Mapping[str, float]) -> str:
    """PSNR and SSIM in one cell."""
    return f"{metrics['PSNR']:.3f}/{metrics['SSIM']:.4f}"


def to_table(rows: list[list[str]]) -> str:
    """Write rows as a table of Markdown."""
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def update() -> None:
    """Update the page of this repository."""
    page = ROOT / "README.md"
    report = json.loads((ROOT / "docs/quality_final.json").read_text())
    write_bytes(page, render(page.read_text(), ROOT / "configs", report).encode())


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args(argv)
    run(update)


if __name__ == "__main__":
    main()
