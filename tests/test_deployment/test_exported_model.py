from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mmlle.deployment.model_info import ModelFileError
from mmlle.deployment.onnxruntime_model import OnnxRuntimeModel
from mmlle.deployment.openvino_model import OpenVinoModel
from mmlle.utils.errors import UserError

from .conftest import METHODS

RUNTIMES = [OnnxRuntimeModel, OpenVinoModel]
ONE = np.ones((1, 1, 1, 1), np.float32)


@pytest.fixture(params=RUNTIMES, ids=lambda runtime: runtime.module)
def runtime(request):
    pytest.importorskip(request.param.module)
    return request.param


def pictures(count, height, width):
    random = np.random.default_rng(0)
    images = random.random((count, 3, height, width), np.float32)
    strengths = 1.6 * random.random((count, 1, height, width), np.float32)
    strengths[:, :, :2] = 0
    return images, strengths


@pytest.mark.parametrize("method", METHODS)
class TestNumbers:
    @pytest.mark.parametrize("size", [(1, 1, 1), (2, 7, 5), (1, 1, 40), (1, 37, 53)])
    def test_they_are_pytorchs(self, runtime, make_backend, exported, method, size):
        model, backend = runtime(exported(method)), make_backend(method)
        images, strengths = pictures(*size)
        for each in (strengths, ONE.repeat(size[0], axis=0)):
            expected = backend.enhance_batch(images, each)
            found = model.enhance_batch(images, each)
            assert found.shape == expected.shape
            assert np.abs(found - expected).max() < 1e-4
        assert np.abs(expected - images.mean()).max() > 0.05

    def test_one_image_by_several_strengths(self, runtime, make_backend, exported, method):
        images, strengths = pictures(1, 37, 53)
        several = np.concatenate([strengths, 0.5 * strengths, 0 * strengths])
        backend = make_backend(method)
        expected = backend.enhance_batch(images.repeat(3, axis=0), several)
        for side in (backend, runtime(exported(method))):
            found = side.enhance_batch(images, several)
            assert found.shape == expected.shape
            assert np.abs(found - expected).max() < 1e-4

    def test_in_tiles_they_are_those_of_the_whole_image(self, runtime, exported, method):
        size = (30, 420) if method == "enlightengan" else (70, 131)
        tiled, whole = (runtime(exported(method), side=side) for side in (64, 4096))
        sizes = []
        run = tiled.run
        tiled.run = lambda *arguments: sizes.append(arguments[0].shape) or run(*arguments)
        results = [model.enhance_batch(*pictures(2, *size)) for model in (tiled, whole)]
        assert np.abs(results[0] - results[1]).max() < 1e-5
        # One curve is that of the whole image.
        assert (len(sizes) > 1) == (method != "global_curve")

    def test_without_strength_the_input_comes_out(self, runtime, exported, method):
        model = runtime(exported(method))
        images, _ = pictures(2, 33, 18)
        result = model.enhance_batch(images, np.zeros((2, 1, 1, 1), np.float32))
        if model.scale == 1:
            assert np.array_equal(result, images)
        else:
            assert result.shape == (2, 3, 132, 72)


def test_several_threads_share_a_model(runtime, exported):
    model = runtime(exported("zero_dce"))
    batches = [pictures(1, 20 + i, 31 - i) for i in range(12)]
    expected = [model.enhance_batch(*batch) for batch in batches]
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda batch: model.enhance_batch(*batch), batches))
    assert all(np.array_equal(*pair) for pair in zip(results, expected, strict=True))


class TestFiles:
    def test_a_file(self, runtime, exported, tmp_path):
        path = tmp_path / "F.onnx"
        path.write_bytes(exported("enhancenet"))
        model = runtime.from_file(path)
        assert (model.scale, model.look) == (4, {})
        assert model.info.model == "EnhanceNet"

    @pytest.mark.parametrize("part", [0, 100, -1000])
    def test_a_damaged_one(self, runtime, exported, tmp_path, part):
        path = tmp_path / "F.onnx"
        path.write_bytes(exported("sgz")[:part])
        with pytest.raises(ModelFileError, match=r"F\.onnx is no ONNX file, or is damaged"):
            runtime.from_file(path)

    def test_a_picture_of_that_name(self, runtime, tmp_path):
        path = tmp_path / "F.onnx"
        path.write_bytes(b"\x89PNG\r\n" + bytes(range(256)))
        with pytest.raises(ModelFileError, match="is no ONNX file, or is damaged"):
            runtime.from_file(path)

    def test_one_of_another_program(self, runtime, exported, tmp_path):
        onnx = pytest.importorskip("onnx")
        model = onnx.load_model_from_string(exported("sgz"))
        del model.metadata_props[:]
        path = tmp_path / "F.onnx"
        path.write_bytes(model.SerializeToString())
        with pytest.raises(ModelFileError, match=r"F\.onnx is an ONNX file, but `mmlle export` did not"):
            runtime.from_file(path)

    def test_none_and_a_folder(self, runtime, tmp_path):
        with pytest.raises(UserError, match=r"no model .*gone\.onnx \(looked for"):
            runtime.from_file(tmp_path / "gone.onnx")
        with pytest.raises(UserError, match="Cannot read the model .*: Is a directory"):
            runtime.from_file(tmp_path)


def test_where_memory_does_not_suffice_tiles_become_smaller(runtime, exported, caplog):
    model, whole = (runtime(exported("sgz"), side=side) for side in (256, 4096))
    widths, run = [], model.run

    def run_small(images, strengths):
        if images.shape[-1] > 150:
            raise RuntimeError("Failed to allocate memory for requested buffer of size 1")
        widths.append(images.shape[-1])
        return run(images, strengths)

    model.run = run_small
    arguments = pictures(1, 9, 300)
    assert np.abs(model.enhance_batch(*arguments) - whole.enhance_batch(*arguments)).max() < 1e-5
    assert max(widths) == 128 + 14
    assert "tiles of 128x128 pixels" in caplog.text
