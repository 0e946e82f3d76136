"""The server of the page: on this computer alone, nothing from elsewhere, and within its limits."""

import contextlib
import io
import ipaddress
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gradio as gr
import uvicorn
from fastapi import FastAPI
from gradio import processing_utils

from mmlle.utils.errors import UserError

from .folder import folder_size
from .limits import MEGA, Limits

__all__ = ["Guard", "build_app", "is_loopback", "listen", "make_server"]

#: Tags of Gradio's page that name other hosts: fonts, a script for frames, pictures for other sites. And the
#: manifest, which is not there.
_FOREIGN = re.compile(
    rb"""<(?:link|meta)\b[^>]*["'](?:https?://|/manifest)[^>]*>|"""
    rb"""<script\b[^>]*\bsrc=["']https?://[^>]*>\s*</script>"""
)

#: Scripts and styles stand within Gradio's page. Whatever names another host is not loaded.
_HEADERS = {
    b"content-security-policy": (
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        b"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; "
        b"worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'"
    ),
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
}

Scope = dict[str, Any]
Receive = Callable[[], Any]
Send = Callable[[dict[str, Any]], Any]


class Guard:
    """Stands before the page: keeps other hosts out of it, and refuses uploads beyond the limits.

    Args:
        app: The page, an ASGI application.
        folder: Where uploaded files go.
        limits: What is refused.
        local: Whether the page is for this computer alone. It then answers by a name or address of this
            computer only: a page of another host, whose name was made to lead here (DNS rebinding), would
            otherwise read what is enhanced.
    """

    def __init__(self, app: Callable[..., Any], folder: Path, limits: Limits, local: bool = False) -> None:
        self.app = app
        self.folder = folder
        self.limits = limits
        self.local = local
        self._arriving = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if self.local and not is_loopback(_asked_host(scope)):
            await _refuse(send, 421, "This page is at localhost, for the computer that it runs on alone.")
            return
        if scope["method"] == "POST" and scope["path"].rstrip("/").endswith("/upload"):
            await self._upload(scope, receive, send)
            return
        if scope["path"] == "/":  # is rewritten, and therefore not compressed
            headers = [header for header in scope["headers"] if header[0] != b"accept-encoding"]
            scope = {**scope, "headers": headers}
            send = _without_foreign_tags(send)
        await self.app(scope, receive, _with_headers(send))

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = dict(scope["headers"]).get(b"content-length", b"")
        if not length.isdigit():
            await _refuse(send, 411, "The size of the upload is not known.")
            return
        num_bytes = int(length)
        limits = self.limits
        if num_bytes > limits.files * limits.file_bytes:
            await _refuse(
                send,
                413,
                f"These files have {num_bytes / MEGA:.0f} MB; at most {limits.files} files of "
                f"{limits.file_megabytes:g} MB are taken at a time.",
            )
            return
        if folder_size(self.folder) + self._arriving + num_bytes > limits.total_bytes:
            await _refuse(
                send, 507, "There is no room for more files at the moment. Try again in some minutes."
            )
            return
        self._arriving += num_bytes
        try:
            await self.app(scope, receive, _with_headers(send))
        finally:
            self._arriving -= num_bytes


def _asked_host(scope: Scope) -> str:
    """Return the host that a request was sent to, as its sender calls it."""
    try:
        return urlsplit(b"//" + dict(scope["headers"]).get(b"host", b"")).hostname.decode()
    except (AttributeError, ValueError):  # none, or none that could be
        return ""


async def _refuse(send: Send, status: int, words: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words.encode()})


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *_HEADERS.items()]}
        await send(message)

    return send_with_headers


def _without_foreign_tags(send: Send) -> Send:
    start: dict[str, Any] = {}
    parts: list[bytes] = []

    async def send_without(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        parts.append(message.get("body", b""))
        if message.get("more_body"):
            return
        body = _FOREIGN.sub(b"", b"".join(parts))
        headers = [header for header in start["headers"] if header[0].lower() != b"content-length"]
        await send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})

    return send_without


def build_app(page: gr.Blocks, limits: Limits, folder: Path, local: bool = False) -> Guard:
    """Build the application that a server runs.

    Args:
        page: See :func:`mmlle.app.page.build_page`.
        limits: What is refused.
        folder: The folder of all files, see :func:`mmlle.app.folder.temporary_folder`.
        local: Whether the page is for this computer alone, see :class:`Guard`.
    """
    # Only of a page that was launched Gradio checks that a file which a request names was uploaded: otherwise
    # it copies any file of this computer to where it can be fetched. And it would fetch what a request names
    # on other hosts.
    page.has_launched = True
    processing_utils.async_ssrf_protected_download = _fetch_nothing
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    with contextlib.redirect_stdout(io.StringIO()):  # Gradio 5 prints the path
        app = gr.mount_gradio_app(
            app,
            page,
            path="/",
            show_api=False,
            show_error=True,
            max_file_size=limits.file_bytes,
            ssr_mode=False,
            enable_monitoring=False,
            pwa=False,
            mcp_server=False,
        )
    return Guard(app, folder, limits, local)


async def _fetch_nothing(url: str, cache_dir: str) -> str:
    raise gr.Error("Only files that are uploaded can be enhanced, no addresses.")


def listen(host: str, port: int) -> socket.socket:
    """Open the socket of a server.

    Args:
        host: Name or address.
        port: 0 for any that is free.

    Raises:
        UserError: If another program uses the port, or there is no such address.
    """
    if not 0 <= port <= 65535:
        raise UserError(f"--port is a number from 0 to 65535, got {port}.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        reason = error.strerror or error
        raise UserError(
            f"The page cannot be at {host}, port {port}: {reason}. Choose another --port or --host."
        ) from error
    return listening


def is_loopback(host: str) -> bool:
    """Whether only this computer reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def make_server(app: Guard) -> uvicorn.Server:
    """Make a server, which ends within seconds when it is interrupted or terminated."""
    return uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2, lifespan="on")
    )
