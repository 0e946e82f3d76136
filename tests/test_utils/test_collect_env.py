import importlib
import importlib.metadata

import torch

import mmlle
from mmlle.utils import collect_env


def test_it_names_what_a_bug_report_should():
    env = collect_env()
    assert env["MMLLE"] == mmlle.__version__
    assert env["onnxruntime"] == importlib.metadata.version("onnxruntime")
    assert env["PyTorch"] == torch.__version__
    assert env["numpy"] == importlib.metadata.version("numpy")
    assert env["mmagic"] == importlib.metadata.version("mmagic")
    # One of the two is there, the other one is not.
    assert "not installed" in (env["mmcv"], env["mmcv-lite"])


def test_without_pytorch_it_names_what_is_there(monkeypatch):
    monkeypatch.setattr(importlib.import_module("mmlle.utils.collect_env"), "find_spec", lambda name: None)
    env = collect_env()
    assert env["Python"].startswith("3.")
    assert env["numpy"] == importlib.metadata.version("numpy")
    assert "PyTorch" not in env
