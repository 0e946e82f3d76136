"""Load the web page: many visitors at once, then one with a photograph beyond its limit; memory, answers."""

import argparse
import io
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from mmlle.app.load_test import LoadReport, visit_at_once
from mmlle.testing import dark_image


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="sgz", help="short name [sgz]")
    parser.add_argument("--visitors", type=int, default=50, help="at once [50]")
    parser.add_argument("--size", type=int, nargs=2, default=(600, 800), metavar=("H", "W"), help="[600 800]")
    parser.add_argument("--megapixels", type=int, default=100, help="of the large photograph [100]")
    parser.add_argument("--minutes", type=float, default=0, help="come again so long [once]")
    return parser.parse_args()


def jpeg(pixels: np.ndarray) -> bytes:
    """Encode (H, W, 3) uint8, BGR."""
    stream = io.BytesIO()
    Image.fromarray(pixels[..., ::-1]).save(stream, "JPEG")
    return stream.getvalue()


def memory(pid: int, peak: bool = False) -> float:
    """Memory of a process in MB, now or at most."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"Vm{'HWM' if peak else 'RSS'}:\s+(\d+)", status)[1]) / 1024


def main() -> None:
    """Start the page, visit it, and print what happened."""
    args = parse_args()
    tile = dark_image(500, 500)
    large = jpeg(np.tile(tile, (args.megapixels // 5, 20, 1)))  # 500 * 500 * 20 * megapixels / 5
    files = [(f"{number}.jpg", jpeg(dark_image(*args.size, number))) for number in range(args.visitors)]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "mmlle", "app", "--port", "0", "--model", args.model]
        page = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(folder))
        try:
            url = wait_for_url(page)
            print(f"memory at the start: {memory(page.pid):.0f} MB", flush=True)
            total, rounds, end = LoadReport(), 0, time.monotonic() + 60 * args.minutes
            while not rounds or time.monotonic() < end:
                add(total, visit_at_once(url, files))
                add(total, visit_at_once(url, [("large.jpg", large)]))
                rounds += 1
                print(f"memory after round {rounds}: {memory(page.pid):.0f} MB", flush=True)
            tell(total, memory(page.pid, peak=True))
        finally:
            page.send_signal(signal.SIGTERM)
            page.wait(60)
        print(f"files left: {sum(path.is_file() for path in Path(folder).rglob('*'))}")
    sys.exit(1 if total.failed else 0)


def environment(folder: str) -> dict[str, str]:
    """Environment in which temporary files go to a folder."""
    return {**os.environ, "TMPDIR": folder}


def wait_for_url(page: subprocess.Popen) -> str:
    """Read the page's address from what it prints."""
    for line in page.stdout:
        if found := re.search(r"http://\S+", line):
            return found[0]
    sys.exit("The page did not start.")


def add(total: LoadReport, report: LoadReport) -> None:
    """Add one round to all."""
    total.answered += report.answered
    total.refused += Counter(report.refused)
    total.failed += Counter(report.failed)
    total.seconds += report.seconds


def tell(report: LoadReport, peak: float) -> None:
    """Print the figures."""
    print(f"visits: {len(report.seconds)}")
    print(f"answered: {report.answered}")
    for words, number in report.refused.items():
        print(f"refused: {number}: {words}")
    for words, number in report.failed.items():
        print(f"failed: {number}: {words}")
    print(f"seconds: median {statistics.median(report.seconds):.1f}, longest {max(report.seconds):.1f}")
    print(f"peak memory: {peak:.0f} MB")


if __name__ == "__main__":
    main()
