import re
import socket
from pathlib import Path

import httpx
import pytest

pytest.importorskip("gradio", reason="needs the extra app")

from mmlle.app.server import _FOREIGN, is_loopback, listen
from mmlle.utils.errors import UserError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def client(url):
    with httpx.Client(base_url=url, timeout=20) as client:
        yield client


def call(client, handler, *data):
    """Call a handler of the page by its number, as a browser does; gives the outcome as text."""
    session = f"session{handler}"
    request = dict(data=data, fn_index=handler, session_hash=session, event_data=None, trigger_id=None)
    joined = client.post("/gradio_api/queue/join", json=request)
    if joined.status_code != 200:
        return joined.text
    with client.stream("GET", "/gradio_api/queue/data", params=dict(session_hash=session)) as events:
        for line in events.iter_lines():
            if '"process_completed"' in line:
                return line
    return ""


def upload(client, *files):
    parts = [("files", (name, content, "image/png")) for name, content in files]
    return client.post("/gradio_api/upload", files=parts)


class TestPage:
    def test_it_names_no_other_host_but_in_links(self, client):
        page = client.get("/")
        assert page.status_code == 200
        assert "window.gradio_config" in page.text
        tags = re.findall(r"<(?:link|script|img|iframe|meta)\b[^>]*>", page.text)
        assert len(tags) > 5
        assert [tag for tag in tags if re.search("(?:src|href|content)=[\"']https?:", tag)] == []

    def test_the_browser_is_told_to_load_nothing_from_elsewhere(self, client):
        for path in ("/", "/config", "/gradio_api/startup-events"):
            policy = client.get(path).headers["content-security-policy"]
            assert policy.startswith("default-src 'self';")
            assert "http" not in policy

    def test_nothing_is_reported_to_anybody(self, client):
        config = client.get("/config").json()
        assert config["analytics_enabled"] is False
        assert config["enable_queue"] is True
        assert [step["api_name"] for step in config["dependencies"] if step["api_name"]] == []

    def test_its_fonts_are_those_of_the_system(self, client):
        config = client.get("/config").json()
        assert config["stylesheets"] == []
        assert set(re.findall(r"url\(.data:|url\(", client.get("/theme.css").text)) == {'url("data:'}


def test_foreign_tags():
    page = b"""<link rel="preconnect" href="https://a.example" crossorigin>
    <script src="https://b.example/x.js" async></script><script src="./x.js"></script>
    <meta content="https://c.example/x.jpg"/><link rel="stylesheet" href="./x.css">"""
    left = _FOREIGN.sub(b"", page)
    assert b"example" not in left
    assert left.split() == b'<script src="./x.js"></script> <link rel="stylesheet" href="./x.css">'.split()


class TestFiles:
    def test_an_upload_lies_in_the_folder_of_the_page(self, client, temporary):
        (path,) = upload(client, ("../../x.png", b"content")).json()
        assert Path(path).is_relative_to(temporary)
        assert Path(path).read_bytes() == b"content"
        assert client.get(f"/gradio_api/file={path}").content == b"content"

    @pytest.mark.parametrize(
        "path", ["/etc/passwd", f"{ROOT}/README.md", "README.md", "../README.md", "mmlle/app/page.py"]
    )
    def test_no_other_file_is_given_away(self, client, path):
        assert client.get(f"/gradio_api/file={path}").status_code in (403, 404)

    @pytest.mark.parametrize("path", [f"{ROOT}/README.md", "https://example.org/x.png"])
    def test_no_other_file_is_taken_by_name(self, client, temporary, path):
        secret = (ROOT / "README.md").read_bytes()
        named = dict(path=path, orig_name="x.png", meta=dict(_type="gradio.FileData"))
        config = client.get("/config").json()
        kinds = {each["id"]: each["type"] for each in config["components"]}
        tried = 0
        for step in config["dependencies"]:
            data = [[named] if kinds[each] in ("file", "state") else None for each in step["inputs"]]
            if [named] not in data or not step["backend_fn"]:
                continue
            outcome = call(client, step["id"], *data)
            assert '"success":false' in outcome.replace(" ", "")
            assert "was not uploaded by a user" in outcome or "no addresses" in outcome
            tried += 1
        assert tried >= 3
        assert not any(file.read_bytes() == secret for file in temporary.rglob("*") if file.is_file())

    def test_a_file_that_is_too_large_is_refused(self, client, temporary):
        before = sorted(temporary.rglob("*"))
        answer = upload(client, ("x.png", bytes(600_000)))
        assert answer.status_code == 413
        assert "maximum" in answer.text
        assert sorted(temporary.rglob("*")) == before

    def test_files_that_are_too_large_together_are_refused(self, client):
        answer = upload(client, *((f"{number}.png", bytes(400_000)) for number in range(4)))
        assert answer.status_code == 413
        assert answer.text == "These files have 2 MB; at most 3 files of 0.5 MB are taken at a time."

    def test_an_upload_of_unknown_size_is_refused(self, client):
        answer = client.post("/gradio_api/upload", content=iter([b"x"]))
        assert answer.status_code == 411

    def test_no_more_is_taken_than_there_is_room_for(self, client, temporary):
        ballast = temporary / "ballast"
        ballast.write_bytes(bytes(3_700_000))
        try:
            answer = upload(client, ("x.png", bytes(400_000)))
        finally:
            ballast.unlink()
        assert answer.status_code == 507
        assert "no room for more files at the moment" in answer.text
        assert upload(client, ("x.png", bytes(400_000))).status_code == 200


class TestHost:
    """What a request calls the host by, while it is connected to this computer."""

    @pytest.mark.parametrize("host", ["localhost", "localhost:80", "LOCALHOST", "127.0.0.1", "[::1]:7860"])
    def test_this_computer_s_names_are_answered(self, client, host):
        assert client.get("/config", headers=dict(host=host)).status_code == 200

    @pytest.mark.parametrize(
        "host",
        ["evil.example", "evil.example:7860", "localhost.evil.example", "192.168.1.5", "", "[", "a@b:x"],
    )
    def test_another_host_s_name_is_not(self, client, host):
        for answer in (
            client.get("/config", headers=dict(host=host)),
            client.post("/gradio_api/upload", headers=dict(host=host), files=[("files", ("x.png", b"x"))]),
        ):
            assert answer.status_code in (400, 421)  # 400 is the server's, for what is no host
            assert "window.gradio_config" not in answer.text

    def test_a_page_for_others_is_answered_by_any(self, roomy_url):
        assert httpx.get(f"{roomy_url}/config", headers=dict(host="darkroom.example")).status_code == 200


class TestAddress:
    def test_a_port_in_use_is_told(self):
        with listen("127.0.0.1", 0) as other:
            other.listen()
            port = other.getsockname()[1]
            with pytest.raises(UserError, match=rf"at 127\.0\.0\.1, port {port}: .*use.* another --port"):
                listen("127.0.0.1", port)

    def test_an_address_that_is_none_is_told(self):
        with pytest.raises(UserError, match=r"cannot be at 256\.1\.1\.1\.1, port 0: "):
            listen("256.1.1.1.1", 0)
        with pytest.raises(UserError, match="--port is a number from 0 to 65535, got 70000"):
            listen("127.0.0.1", 70000)

    def test_any_free_port(self):
        with listen("localhost", 0) as listening:
            assert listening.getsockname()[1] > 0
            assert listening.type == socket.SOCK_STREAM

    @pytest.mark.parametrize(
        ("host", "alone"),
        [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("192.168.1.5", False)],
    )
    def test_loopback(self, host, alone):
        assert is_loopback(host) is alone
