import importlib.util
from pathlib import Path

import pytest

from mmlle.utils.errors import UserError

TOOL = Path(__file__).resolve().parents[3] / "tools/analysis_tools/property_table.py"


@pytest.fixture
def tool(monkeypatch):
    specification = importlib.util.spec_from_file_location("property_table_tool", TOOL)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    monkeypatch.setattr(
        module, "_TABLES", {"properties": lambda: "| new |\n", "conversions": lambda: "| \\1 |\n"}
    )
    return module


PAGE = "# A\n<!-- properties -->\n| old |\n<!-- end -->\ntext\n<!-- conversions -->\n<!-- end -->\nlast\n"


def test_tables_are_replaced_and_nothing_else(tool, tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    for _ in range(2):  # the second time changes nothing
        tool.main([str(page)])
        assert page.read_text() == (
            "# A\n<!-- properties -->\n| new |\n<!-- end -->\ntext\n"
            "<!-- conversions -->\n| \\1 |\n<!-- end -->\nlast\n"
        )
    tool.main([])
    assert capsys.readouterr().out == "| new |\n\n| \\1 |\n\n"


def test_a_page_without_a_place_is_refused(tool, tmp_path):
    (tmp_path / "page.md").write_text("# A\n<!-- properties -->\n<!-- end -->\n")
    with pytest.raises(UserError, match="no place <!-- conversions -->"):
        tool.main([str(tmp_path / "page.md")])
    with pytest.raises(UserError, match="There is no page"):
        tool.main([str(tmp_path / "gone.md")])
