"""Against a stand-in of the database, on this computer."""

import json
import runpy
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = runpy.run_path(str(ROOT / "tools/audit.py"))

LOCK = "".join(
    f"{release} --hash=sha256:{'0' * 64}\n" for release in ("sound==1.0", "torn==2.0", "held==3.0")
)


def vulnerability(package, number, fixed):
    events = [{"introduced": "0"}, *({"fixed": version} for version in fixed)]
    affected = {
        "package": {"name": package, "ecosystem": "PyPI"},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    return {"id": f"GHSA-{number}", "aliases": [f"CVE-{number}"], "summary": "s", "affected": [affected]}


KNOWN = {"torn": [vulnerability("torn", 1, ["2.1"])], "held": [vulnerability("held", n, []) for n in (2, 3)]}


class Database(BaseHTTPRequestHandler):
    def do_POST(self):  # noqa: N802
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((question["package"]["name"], question["version"]))
        known = KNOWN.get(question["package"]["name"])
        answer = json.dumps({"vulns": known} if known else {}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


@pytest.fixture
def database():
    with ThreadingHTTPServer(("127.0.0.1", 0), Database) as server:
        server.asked, server.status = [], 200
        server.url = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield server
        server.shutdown()


@pytest.fixture
def ask(tmp_path, database, capfd):
    """Run the command; returns its error, None for none, and what it printed."""

    def run(accepted, url=database.url, lock=LOCK):
        (tmp_path / "lock.txt").write_text(lock)
        (tmp_path / "accepted.txt").write_text(accepted)
        options = ["--lock", tmp_path / "lock.txt", "--accepted", tmp_path / "accepted.txt", "--service", url]
        problem = None
        try:
            SCRIPT["main"]([str(option) for option in options])
        except SystemExit as error:
            problem = error.code
        return problem, capfd.readouterr().out

    return run


@pytest.mark.slow
def test_each_is_printed_and_one_that_is_not_accepted_fails(ask, database):
    problem, printed = ask("# why\nheld==3.0 nothing newer fits\n")
    assert problem.startswith("Error: 1 known vulnerabilities are not accepted")
    assert sorted(database.asked) == [("held", "3.0"), ("sound", "1.0"), ("torn", "2.0")]
    lines = printed.splitlines()
    assert [line for line in lines if "torn" in line] == ["torn==2.0 CVE-1 (fixed in 2.1), NOT ACCEPTED"]
    assert [line for line in lines if "held" in line] == [
        f"held==3.0 CVE-{n} (no fix), accepted: nothing newer fits" for n in (2, 3)
    ]


@pytest.mark.slow
def test_accepted_by_number(ask):
    problem, printed = ask("GHSA-1 not used so\nCVE-2 nor\nCVE-3 nor\nCVE-4 once\nsound==1.0 once\n")
    assert problem is None
    assert "torn==2.0 CVE-1 (fixed in 2.1), accepted: not used so" in printed
    assert [line.split()[1] for line in printed.splitlines() if "remove the line" in line] == [
        "CVE-4",
        "sound==1.0",
    ]
    assert "3 packages were asked about" in printed


@pytest.mark.slow
def test_an_acceptance_ends_with_the_release(ask):
    assert ask("held==2.9 the reason\nGHSA-1 the reason")[0].startswith("Error: 2 known")


def test_a_reason_is_needed(ask):
    assert "line 2: GHSA-1 is accepted without a reason" in ask("\nGHSA-1\n")[0]


@pytest.mark.slow
@pytest.mark.parametrize("status", [503, None], ids=["an error", "no answer"])
def test_without_an_answer_one_line_says_so(ask, database, status):
    url = database.url
    if status is None:
        database.server_close()
        database.shutdown()
    else:
        database.status = status
    problem, printed = ask("", url)
    assert problem is None
    (line,) = printed.splitlines()
    assert line.startswith("Known vulnerabilities: the service could not be asked (")


@pytest.mark.slow
def test_a_lock_that_cannot_be_read_is_an_error(ask, tmp_path):
    problem, _ = ask("", lock="three words here\n")
    assert problem.startswith("Error: pip-audit failed: ")
    assert f"{tmp_path / 'lock.txt'} contains invalid specifier at line 1" in problem


def test_the_accepted_ones_have_reasons_and_are_in_the_lock():
    accepted = SCRIPT["read_accepted"](ROOT / "requirements/accepted_vulnerabilities.txt")
    lock = (ROOT / "requirements/lock.txt").read_text().splitlines()
    releases = [name for name in accepted if "==" in name]
    assert releases
    assert all(any(line.startswith(f"{name} ") for line in lock) for name in releases)
