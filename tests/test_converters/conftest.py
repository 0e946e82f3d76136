import zipfile
from pathlib import Path

import pytest


@pytest.fixture
def zip_folder(tmp_path):
    """Pack a folder into an archive, below one more folder, with a system's leftovers."""

    def pack(folder: Path) -> Path:
        archive = tmp_path / f"{folder.name}.zip"
        with zipfile.ZipFile(archive, "w") as file:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    file.write(path, f"{folder.name}/{path.relative_to(folder)}")
            file.writestr(f"__MACOSX/{folder.name}/._1.png", b"leftover")
            file.writestr(f"{folder.name}/Thumbs.db", b"leftover")
        return archive

    return pack
