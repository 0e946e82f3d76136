import numpy as np
import pytest

from mmlle.datasets import DarkenByCurve

IMAGE = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)


def darken(**options):
    return DarkenByCurve(keys=["img", "gt"], **options)(dict(img=IMAGE, gt=IMAGE, other=IMAGE))


def test_black_and_white_stay_and_all_between_gets_darker():
    results = darken(largest=0.5)
    darkened = results["img"]
    assert darkened.dtype == np.uint8
    assert darkened[0, 0, 0] == 0
    assert darkened[-1, -1, 0] == 255
    assert (darkened <= IMAGE).all()
    assert darkened.mean() < IMAGE.mean() - 1
    assert (np.diff(darkened[..., 0].ravel().astype(int)) >= 0).all()
    assert np.array_equal(results["gt"], darkened)
    assert results["other"] is IMAGE


def test_the_curve_is_undone_by_that_of_the_models(monkeypatch):
    torch = pytest.importorskip("torch")
    from mmlle.models.utils import apply_light_curve

    monkeypatch.setattr(np.random, "uniform", lambda low, high: high)
    darkened = torch.from_numpy(darken(largest=0.05)["img"]).permute(2, 0, 1)[None] / 255
    restored = apply_light_curve(darkened, torch.full_like(darkened, -0.05), steps=8)
    expected = torch.from_numpy(IMAGE).permute(2, 0, 1)[None] / 255
    torch.testing.assert_close(restored, expected, atol=0.03, rtol=0)


def test_the_strength_is_drawn_each_time():
    assert len({darken()["img"].tobytes() for _ in range(5)}) == 5


def test_the_probability():
    assert darken(prob=0)["img"] is IMAGE


@pytest.mark.parametrize("largest", [0, 1.5])
def test_a_range_that_is_none_is_refused(largest):
    with pytest.raises(ValueError, match=r"above 0 and at most 1, got"):
        DarkenByCurve(keys=["img"], largest=largest)


def test_its_settings_are_shown():
    assert repr(DarkenByCurve(keys=["img"], prob=0.5)) == "DarkenByCurve(keys=['img'], largest=0.5, prob=0.5)"
