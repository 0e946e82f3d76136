"""The page in a server of its own, with a model that needs no PyTorch."""

import threading
import time
from contextlib import contextmanager

import pytest

from mmlle.app.darkroom import Darkroom
from mmlle.app.folder import temporary_folder
from mmlle.app.limits import Limits
from mmlle.app.methods import Methods
from mmlle.look import Look

from .stand_in import Gamma


@pytest.fixture(scope="module")
def temporary(tmp_path_factory):
    """The folder of the page."""
    pytest.importorskip("gradio", reason="needs the extra app")
    before = pytest.MonkeyPatch()
    before.setattr("tempfile.tempdir", str(tmp_path_factory.mktemp("temporary")))
    with temporary_folder(60) as folder:
        yield folder
    before.undo()


@pytest.fixture(scope="module")
def darkroom(temporary):
    """What the page works with: limits that small files reach."""
    methods = Methods(["gamma", "enhancenet"], lambda name: Gamma(4 if name == "enhancenet" else 1))
    return Darkroom(methods, Limits(megapixels=1, file_megabytes=0.5, files=3, total_megabytes=4))


@pytest.fixture(scope="module")
def page(darkroom):
    """The page."""
    from mmlle.app.page import build_page

    return build_page(darkroom)


@pytest.fixture(scope="module")
def app(page, darkroom, temporary):
    """The application."""
    from mmlle.app.server import build_app

    return build_app(page, darkroom.limits, temporary, local=True)


@contextmanager
def serving(app):
    """Serve an application; gives its address."""
    from mmlle.app.server import listen, make_server

    server = make_server(app)
    listening = listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs=dict(sockets=[listening]), daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while not server.started and time.monotonic() < end:
        time.sleep(0.02)
    assert server.started
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def url(app):
    """Where the page is served."""
    with serving(app) as url:
        yield url


@pytest.fixture(scope="module")
def roomy_url(temporary):
    """Where a page with the usual limits is served."""
    from mmlle.app.page import build_page
    from mmlle.app.server import build_app

    darkroom = Darkroom(Methods(["gamma"], lambda name: Gamma(look=Look(denoise="off"))), Limits())
    with serving(build_app(build_page(darkroom), darkroom.limits, temporary)) as url:
        yield url
