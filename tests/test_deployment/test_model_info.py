import json

import pytest

from mmlle.deployment.model_info import ModelFileError, ModelInfo

INFO = ModelInfo("SGZ", "sgz_sice", "as you like", "ab12", 1, 7, 1, 1, 1024, dict(exposure=0.5))


def test_there_and_back():
    entries = INFO.metadata()
    assert entries["mmlle.model"] == '"SGZ"'
    assert ModelInfo.from_metadata({**entries, "author": "me"}, "F.onnx") == INFO


def test_what_a_file_must_tell():
    names = {"model", "config", "licence", "value_range", "scale", "receptive_radius", "size_multiple"}
    names |= {"weights_sha256", "mmlle_version"}
    assert names <= {name.removeprefix("mmlle.") for name in INFO.metadata()}


def test_a_file_of_another_program():
    with pytest.raises(ModelFileError, match=r"F\.onnx is an ONNX file, but `mmlle export` did not write it"):
        ModelInfo.from_metadata({"author": "me"}, "F.onnx")


def test_a_file_of_a_later_release():
    entries = {**INFO.metadata(), "mmlle.layout": "9", "mmlle.mmlle_version": json.dumps("7.0")}
    with pytest.raises(ModelFileError, match=r"layout 9 .* reads 1.*install mmlle 7\.0"):
        ModelInfo.from_metadata(entries, "F.onnx")


@pytest.mark.parametrize("change", [{"mmlle.scale": "{"}, {"mmlle.scale": None}])
def test_damaged_metadata(change):
    entries = {name: value for name, value in {**INFO.metadata(), **change}.items() if value is not None}
    with pytest.raises(ModelFileError, match=r"metadata of F\.onnx are damaged: export the model again"):
        ModelInfo.from_metadata(entries, "F.onnx")
