import os
import sys
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

#: The fixtures of commands that run in a folder of their own.
pytest_plugins = ["workspace"]

ROOT = Path(__file__).resolve().parents[1]
STAND_INS = ROOT / "tests/stand_ins"


@pytest.fixture(scope="session")
def reference_folder():
    """The folder of original weights, their outputs and photographs that MMLLE_REFERENCE names."""
    folder = os.environ.get("MMLLE_REFERENCE")
    if not folder:
        pytest.skip("MMLLE_REFERENCE does not name a folder of original weights and outputs")
    assert Path(folder, "reference").is_dir(), f"MMLLE_REFERENCE={folder} has no folder reference/"
    return Path(folder)


@pytest.fixture(scope="session")
def convert_official(reference_folder, tmp_path_factory):
    """Convert the original weights of a method as the tool does; gives the path of the checkpoint."""
    from mmlle.models.utils.official_weights import official_weights
    from mmlle.utils.checkpoint_io import write_checkpoint

    @cache
    def convert(method):
        (source,) = reference_folder.glob(f"weights/{method}_*official.*")
        target = tmp_path_factory.mktemp("converted") / f"{method}.pth"
        official = official_weights(method)
        with stand_in_tensorflow():
            weights = official.convert(official.read(source))
        write_checkpoint(target, weights, {})
        return target

    return convert


@contextmanager
def stand_in_tensorflow():
    """Let TensorFlow's checkpoints be read where it is not installed."""
    if find_spec("tensorflow") is not None:
        yield
        return
    sys.path.insert(0, str(STAND_INS))
    try:
        yield
    finally:
        sys.path.remove(str(STAND_INS))
        for name in [name for name in sys.modules if name.partition(".")[0] == "tensorflow"]:
            del sys.modules[name]


@pytest.fixture
def tensorflow():
    """Run a test with what stands in for TensorFlow."""
    with stand_in_tensorflow():
        yield


@pytest.fixture
def log_lines():
    """What is logged during a test, by whichever of MMEngine's loggers is the current one at its start."""
    import logging

    from mmengine.logging import MMLogger

    lines = []

    class Keep(logging.Handler):
        def emit(self, record):
            lines.append(record.getMessage())

    logger = MMLogger.get_current_instance()
    handler = Keep(logging.INFO)
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


@contextmanager
def contained_run():
    """Put back what building and running a Runner leaves behind in a process."""
    import random

    import numpy as np
    import torch
    from mmengine.logging import MessageHub, MMLogger
    from mmengine.registry import DefaultScope
    from mmengine.visualization import Visualizer

    environment = dict(os.environ)
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])
        for manager in (DefaultScope, MessageHub, MMLogger, Visualizer):
            manager._instance_dict.clear()


@pytest.fixture
def run_state():
    """Run a test in :func:`contained_run`."""
    with contained_run():
        yield


@pytest.fixture(scope="module")
def module_run_state():
    """Run the fixtures of a module in :func:`contained_run`."""
    with contained_run():
        yield
