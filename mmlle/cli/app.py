"""The command of the web page: ``mmlle app``."""

import argparse
import signal
from contextlib import suppress
from functools import partial
from importlib.util import find_spec

from mmlle.app.darkroom import Darkroom
from mmlle.app.limits import Limits
from mmlle.app.methods import Inferencer, Methods, shipped_methods
from mmlle.utils.errors import UserError
from mmlle.zoo import config_path, weights_path

from .errors import run

__all__ = ["main", "serve"]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    default = Limits()
    parser = argparse.ArgumentParser(
        prog="mmlle app",
        description="Enhance photographs in a web page, for this computer alone, unless --host says "
        "otherwise.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to serve [127.0.0.1]")
    parser.add_argument("--port", type=int, default=7860, help="0 for any that is free [7860]")
    parser.add_argument(
        "--model",
        nargs="+",
        metavar="NAME",
        help="models that can be chosen, by short name, the first at the start [all that have weights]",
    )
    parser.add_argument("--device", help="such as cuda:1 [a GPU if there is one, else the CPU]")
    parser.add_argument(
        "--max-megapixels",
        type=float,
        default=default.megapixels,
        metavar="N",
        help=f"of a photograph [{default.megapixels:g}]",
    )
    parser.add_argument(
        "--max-megabytes",
        type=float,
        default=default.file_megabytes,
        metavar="N",
        help=f"of a file [{default.file_megabytes:g}]",
    )
    parser.add_argument(
        "--max-files", type=int, default=default.files, metavar="N", help=f"at a time [{default.files}]"
    )
    return parser.parse_args(argv)


def load(name: str, device: str | None) -> Inferencer:
    """Load a model; only now, since PyTorch takes seconds to load."""
    from mmlle.apis.inferencer import LowLightInferencer

    return LowLightInferencer(name, device=device)


def serve(args: argparse.Namespace) -> None:
    """Serve the page until it is interrupted.

    Raises:
        UserError: If Gradio is missing, a model has no weights here, or the address cannot be used.
    """
    names = args.model or shipped_methods()
    for name in names:
        config_path(name)
        weights_path(name)
    limits = Limits(args.max_megapixels, args.max_megabytes, args.max_files)
    if find_spec("gradio") is None:
        raise UserError('The page needs Gradio; run: pip install "gradio>=5.35,<6"')
    from mmlle.app.folder import temporary_folder  # needs a package that comes with Gradio

    with temporary_folder(limits.minutes) as folder:
        # Only now: Gradio asks for its folders when it is imported.
        from mmlle.app.page import build_page
        from mmlle.app.server import build_app, is_loopback, listen, make_server

        with listen(args.host, args.port) as listening:
            host, port = listening.getsockname()[:2]
            print("Loading the model ...", flush=True)
            darkroom = Darkroom(Methods(names, partial(load, device=args.device)), limits)
            local = is_loopback(host)
            app = build_app(build_page(darkroom), limits, folder, local)
            print(
                f"The page is at http://{f'[{host}]' if ':' in host else host}:{port} (Ctrl-C ends it)",
                flush=True,
            )
            if not local:
                print("Everybody who reaches this computer can use it; there is no password.", flush=True)
            # Uvicorn ends the server and then raises the signal again; here the folder is to be removed.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            with suppress(KeyboardInterrupt):
                make_server(app).run(sockets=[listening])


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    args = parse_args(argv)
    run(lambda: serve(args))
