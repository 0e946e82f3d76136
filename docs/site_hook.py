"""Pages of the site that are written elsewhere: the README, those of the methods, and the like.

Their links lead through the checkout; here they are turned into links within the site. What is no page there,
such as a folder of code, is named and not linked.
"""

import os
import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent

#: Files of the checkout and the pages that they become.
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "tools/dataset_converters/README.md": "converters.md",
    "projects/keep_colors/README.md": "project.md",
    **{
        f"configs/{folder.name}/README.md": f"methods/{folder.name}.md"
        for folder in sorted((ROOT / "configs").glob("[!_]*"))
    },
}
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for source, page in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=_with_links(text, source, page)))
    return files


def on_page_markdown(markdown: str, page: object, config: MkDocsConfig, files: Files) -> str:
    """Let pages of docs/ link to the checkout as well."""
    source = page.file.src_uri  # type: ignore[attr-defined]
    return markdown if source in PAGES.values() else _with_links(markdown, f"docs/{source}", source)


def on_page_content(html: str, page: object, config: MkDocsConfig, files: Files) -> str:
    """Drop Sphinx's roles, which docstrings use and Markdown shows."""
    return re.sub(r":(?:attr|class|data|func|meth|mod):(?=<code>)", "", html)


def _with_links(text: str, source: str, page: str) -> str:
    def replace(match: re.Match[str]) -> str:
        image, words, target = match.groups()
        path, _, anchor = target.partition("#")
        if not path or re.match(r"[a-z]+:", target):
            return match[0]
        found = PurePosixPath(os.path.normpath(PurePosixPath(source).parent / path))
        where = _page_of(str(found))
        if where is None:
            return words
        link = os.path.relpath(where, PurePosixPath(page).parent) + (f"#{anchor}" if anchor else "")
        return f"{image}[{words}]({link})"

    parts = re.split(r"(^```.*?^```$)", text, flags=re.M | re.S)  # code has no links
    return "".join(part if part.startswith("```") else _LINK.sub(replace, part) for part in parts)


def _page_of(path: str) -> str | None:
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return PAGES.get(path) or PAGES.get(f"{path}/README.md")
