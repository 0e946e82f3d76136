"""Tables of what photographs keep: ``python tools/analysis_tools/property_table.py docs/photographs.md``.

Small files of every format are written, read, given the same pixels again, written and compared. Each table
replaces the one between ``<!-- properties -->`` or ``<!-- conversions -->`` and ``<!-- end -->``.
"""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.media.property_table import conversion_table, property_table
from mmlle.utils.errors import UserError
from mmlle.utils.files import write_bytes

__all__ = ["main", "with_tables"]

_TABLES = {"properties": property_table, "conversions": conversion_table}


def with_tables(page: str) -> str:
    """Return a page with its tables made anew.

    Raises:
        UserError: If it has no marks for them.
    """
    for name, make in _TABLES.items():
        before, _, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        if not end:
            raise UserError(f"The page has no place <!-- {name} --> … <!-- end -->; add it.")
        page = f"{before}<!-- {name} -->\n{make()}{end}{after}"
    return page


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("page", nargs="?", type=Path, help="Markdown file to change [print the tables]")
    args = parser.parse_args(argv)
    if args.page is None:
        print("\n".join(make() for make in _TABLES.values()))
        return
    if not args.page.is_file():
        raise UserError(f"There is no page {args.page} (looked for from {Path.cwd()}).")
    write_bytes(args.page, with_tables(args.page.read_text(encoding="utf-8")).encode())


if __name__ == "__main__":
    run(main)
