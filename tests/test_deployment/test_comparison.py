import numpy as np

from mmlle.deployment.comparison import compare_backends
from mmlle.deployment.quantization import Photographs


def test_each_backend_has_its_turn(make_backend):
    photographs = Photographs(
        *([np.random.default_rng(i).random((1, 3, 32, 48), np.float32)] for i in (0, 1))
    )
    found, psnr = compare_backends(make_backend("zero_dce"), (40, 50), 2, photographs)
    assert next(iter(found)) == "torch"
    assert {"onnxruntime", "onnxruntime int8"} <= set(found)
    assert (found["torch"].ratio, found["torch"].difference) == (1, 0)
    for name, each in found.items():
        assert each.ratio == each.seconds / found["torch"].seconds
        assert (each.difference < 1e-5) == ("int8" not in name)
    assert 20 < psnr < 100


def test_without_int8(make_backend):
    found, psnr = compare_backends(make_backend("sgz"), (20, 30), 1)
    assert psnr is None
    assert not [name for name in found if "int8" in name]
