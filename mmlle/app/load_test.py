"""Many visitors of the page at once."""

import json
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

__all__ = ["LoadReport", "visit_at_once"]


@dataclass
class LoadReport:
    """What became of the visits.

    Attributes:
        answered: Visits that got their result.
        refused: Visits that were refused, by the words that they got.
        failed: Visits that got neither, by what happened.
        seconds: Of each visit.
    """

    answered: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


class _RefusedError(Exception):
    """The page's words."""


def visit_at_once(url: str, files: list[tuple[str, bytes]], timeout: float = 300) -> LoadReport:
    """Visit the page once for each file, all at once: upload it, have it enhanced at full size, download it.

    Args:
        url: Of the page.
        files: Names and contents.
        timeout: Seconds after which a visit has failed.
    """
    report = LoadReport()
    with ThreadPoolExecutor(len(files)) as visitors:
        visits = [visitors.submit(_visit, url, *file, timeout) for file in files]
    for visit in visits:
        outcome, words, seconds = visit.result()
        report.seconds.append(seconds)
        if outcome == "answered":
            report.answered += 1
        else:
            (report.refused if outcome == "refused" else report.failed)[words] += 1
    return report


def _visit(url: str, name: str, content: bytes, timeout: float) -> tuple[str, str, float]:
    start = time.monotonic()
    try:
        with httpx.Client(base_url=url, timeout=timeout) as client:
            size = _enhance(client, name, content)
        outcome, words = ("answered", "") if size else ("failed", "an empty result")
    except _RefusedError as error:
        outcome, words = "refused", str(error)
    except Exception as error:
        outcome, words = "failed", f"{type(error).__name__}: {error}"
    return outcome, words, time.monotonic() - start


def _enhance(client: httpx.Client, name: str, content: bytes) -> int:
    """Return the bytes of the result.

    Raises:
        _RefusedError: If the page refuses.
    """
    config = client.get("/config").json()
    steps = {target: step for step in config["dependencies"] for target in map(tuple, step["targets"])}
    ids = {component["props"].get("elem_id"): component["id"] for component in config["components"]}
    values = {component["id"]: component["props"].get("value") for component in config["components"]}
    answer = client.post("/gradio_api/upload", files=[("files", (name, content))])
    if answer.status_code != 200:
        raise _RefusedError(answer.text)
    file = dict(path=answer.json()[0], orig_name=name, meta=dict(_type="gradio.FileData"))
    session = secrets.token_hex(6)
    opened = _run(client, steps[ids["photographs"], "upload"], [[file]], session)
    if not opened[0]["value"]:  # the page has left it out and says why
        raise _RefusedError(re.sub("<[^>]*>", "", opened[2]))
    save = steps[ids["save"], "click"]
    values[ids["photographs"]] = opened[0]["value"]
    values[ids["shown"]] = "0"
    saved = _run(client, save, [values[component] for component in save["inputs"]], session)
    return len(client.get(f"/gradio_api/file={saved[0]['value'][0]['path']}").raise_for_status().content)


def _run(client: httpx.Client, step: dict[str, Any], data: list[Any], session: str) -> list[Any]:
    request = dict(data=data, fn_index=step["id"], session_hash=session)
    joined = client.post("/gradio_api/queue/join", json=request)
    if joined.status_code != 200:
        raise _RefusedError(joined.json()["detail"])
    with client.stream("GET", "/gradio_api/queue/data", params=dict(session_hash=session)) as stream:
        for message in _messages(stream):
            if message["msg"] == "process_completed":
                if not message["success"]:
                    raise _RefusedError(message["output"]["error"])
                return message["output"]["data"]
    raise ConnectionError("the page ended the connection without an answer")


def _messages(stream: httpx.Response) -> Iterator[dict[str, Any]]:
    for line in stream.iter_lines():
        if line.startswith("data:"):
            yield json.loads(line.removeprefix("data:"))
