"""The container files: what they copy and call is there. They are built where Docker is, not here."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from mmlle.cli.app import parse_args

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "docker").glob("Dockerfile*"))


def instructions(path):
    """The instructions of a container file: names and arguments, with continued lines joined."""
    text = re.sub(r"(?m)^\s*#.*\n", "", path.read_text())
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]


def arguments(path, name):
    return [rest for instruction, rest in instructions(path) if instruction == name]


def in_context(path):
    """Whether .dockerignore lets a file in; its last line that fits decides."""
    let_in = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        if pattern == "*" or path == pattern or path.startswith(f"{pattern}/"):
            let_in = line.startswith("!")
    return let_in


def test_both_are_there():
    assert [path.name for path in FILES] == ["Dockerfile", "Dockerfile.gpu"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
class TestContainerFile:
    def test_instructions_are_known(self, path):
        known = {"FROM", "ENV", "COPY", "RUN", "USER", "WORKDIR", "EXPOSE", "HEALTHCHECK", "CMD"}
        assert {name for name, _ in instructions(path)} == known

    def test_the_base_is_pinned_and_has_the_python_of_the_lock(self, path):
        (base,) = arguments(path, "FROM")
        assert re.fullmatch(r"python:3\.11-slim-\w+", base)
        assert "--python-version 3.11." in (ROOT / "requirements/lock.in").read_text()

    def test_what_is_copied_is_there(self, path):
        sources = [rest.split()[0] for rest in arguments(path, "COPY")]
        assert sources == ["requirements/lock.txt", "."]
        assert all((ROOT / source).exists() for source in sources)
        assert in_context("requirements/lock.txt")

    def test_it_runs_as_a_user_without_rights(self, path):
        (user,) = arguments(path, "USER")
        assert f"useradd --create-home --shell /usr/sbin/nologin {user}" in arguments(path, "RUN")
        names = [name for name, _ in instructions(path)]
        assert names.index("USER") > max(at for at, name in enumerate(names) if name == "RUN")

    def test_it_runs_the_page_at_its_port(self, path):
        (command,) = map(json.loads, arguments(path, "CMD"))
        assert command[:2] == ["mmlle", "app"]
        args = parse_args(command[2:])
        assert args.host == "0.0.0.0"
        assert arguments(path, "EXPOSE") == [str(args.port)]
        (health,) = arguments(path, "HEALTHCHECK")
        code = json.loads(health.partition("CMD ")[2])
        assert code[:2] == ["python", "-c"]
        compile(code[2], "health", "exec")
        assert f"127.0.0.1:{args.port}" in code[2]

    def test_the_readme_builds_and_runs_it(self, path):
        readme = (ROOT / "docker/README.md").read_text()
        (name,) = re.findall(rf"docker build -f docker/{re.escape(path.name)} -t (\S+) \.", readme)
        assert re.search(rf"docker run [^\n]*-p 127\.0\.0\.1:7860:7860 {re.escape(name)}\n", readme)


def test_the_cpu_image_takes_every_package_of_the_lock_but_nvidias(tmp_path):
    lock = (ROOT / "requirements/lock.txt").read_text()
    (command,) = [rest for rest in arguments(FILES[0], "RUN") if "lock.txt" in rest]
    (tmp_path / "lock.txt").write_text(lock)
    for part in command.split("&&"):
        if part.strip().startswith("sed "):
            subprocess.run(["bash", "-c", part.replace("/tmp/", "./")], check=True, cwd=tmp_path)
    torch, others = ((tmp_path / f"{name}.txt").read_text() for name in ("torch", "others"))
    assert re.fullmatch(r"torch==[\d.]+\+cpu\ntorchvision==[\d.]+\+cpu\n", torch)
    start = re.compile(r"(?m)^[a-z][\w.-]*(?===)")
    names, kept = set(start.findall(lock)), set(start.findall(others))
    assert {name for name in names - kept if not name.startswith(("nvidia-", "cuda-"))} == {
        "torch",
        "torchvision",
        "triton",
    }
    # Whole entries are left out: none of their hashes stays behind with the entry before.
    assert all(block in lock for block in re.split(r"(?m)^(?=[a-z])", others))
    assert others.count("--hash") < lock.count("--hash")


@pytest.mark.parametrize(
    "name", ["setup.py", "mmlle/cli/app.py", "configs/sgz/sgz_sice.py", "tools/train.py", "NOTICE"]
)
def test_the_context_has_what_an_installation_needs(name):
    assert (ROOT / name).is_file()
    assert in_context(name)


@pytest.mark.parametrize("name", [".git/config", "data/LOL/a.png", "tests/test_docker.py", "mmlle/.mim/x"])
def test_the_context_has_nothing_else(name):
    assert not in_context(name)
