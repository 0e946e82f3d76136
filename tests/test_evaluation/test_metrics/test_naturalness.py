import numpy as np
import pytest
import torch

from mmlle.evaluation import LOE, NIQE, Faithfulness
from mmlle.evaluation.functional import burnt_pixels, hue_shift, loe, niqe
from mmlle.registry import METRICS
from mmlle.testing import dark_image
from mmlle.utils.errors import UserError


def sample(image, output, name="a"):
    tensors = (torch.from_numpy(picture).permute(2, 0, 1).float() for picture in (image, output))
    return dict(key=name, input=next(tensors), output=dict(pred_img=next(tensors)))


def evaluate(metric, samples):
    metric.process({}, samples)
    return metric.evaluate(len(samples))


@pytest.fixture
def samples():
    images = [dark_image(100, 200, seed=i) for i in range(2)]
    return [sample(image, image * (i + 2), str(i)) for i, image in enumerate(images)]


@pytest.mark.parametrize("name", ["NIQE", "LOE", "Faithfulness"])
def test_they_are_registered_and_need_no_ground_truth(samples, name):
    metric = METRICS.build(dict(type=name))
    assert all(np.isfinite(list(evaluate(metric, samples).values())))
    assert len(metric.values) == 2


def test_niqe_is_that_of_the_rounded_output():
    image = dark_image(100, 200, seed=0) * 3
    one = sample(image, image)
    one["output"]["pred_img"] += 0.4
    assert evaluate(NIQE(), [one]) == {"NIQE": pytest.approx(niqe(image))}
    assert evaluate(NIQE("Y", 2), [one]) == {"NIQE": pytest.approx(niqe(image[2:-2, 2:-2], channels="Y"))}


def test_niqe_leaves_out_what_it_is_not_defined_for(samples, log_lines):
    small, grey = dark_image(96, 96), np.full((96, 200, 3), 40, np.uint8)
    expected = evaluate(NIQE(), samples)
    assert evaluate(NIQE(), [sample(small, small, "small"), *samples, sample(grey, grey)]) == expected
    (line,) = log_lines
    assert line.startswith("NIQE: 2 of 4 images left out; small: NIQE compares blocks of 96x96 px")


def test_unknown_options_are_refused(samples):
    with pytest.raises(UserError, match="NIQE must be 'grey' or 'Y', got 'RGB'"):
        NIQE(channels="RGB").process({}, samples)
    with pytest.raises(UserError, match="LOE must be an odd number above 0, got 2"):
        LOE(window=2).process({}, samples)


def test_loe_compares_with_the_input(samples):
    image, output = dark_image(60, 60), dark_image(60, 60, seed=1)
    one = sample(image, output)
    assert evaluate(LOE(), [one]) == {"LOE": pytest.approx(loe(image, output))}
    assert evaluate(LOE(window=1), [one]) == {"LOE": pytest.approx(loe(image, output, 1))}
    assert evaluate(LOE(), samples) == {"LOE": 0}


def test_faithfulness_is_that_of_the_functions():
    image = np.random.default_rng(0).integers(0, 200, (20, 30, 3), dtype=np.uint8)
    output = np.minimum(image * 1.3, 255).astype(np.uint8)
    figures = evaluate(Faithfulness(), [sample(image, output)])
    assert figures["burnt"] == pytest.approx(burnt_pixels(image, output))
    assert figures["hue_shift"] == pytest.approx(hue_shift(image, output))
    assert set(figures) >= {"chroma_ratio", "identity_PSNR"}


@pytest.mark.parametrize("metric", [LOE, Faithfulness])
def test_inputs_of_another_size_are_named(metric):
    one = sample(dark_image(20, 30), dark_image(30, 20)) | dict(img_path="x.png")
    with pytest.raises(ValueError, match=r"x\.png is \(20, 30, 3\) and its output \(30, 20, 3\)"):
        metric().process({}, [one])


def test_a_model_that_keeps_no_inputs(samples, log_lines):
    for one in samples:
        del one["input"]
    assert evaluate(LOE(), samples) == {}
    assert log_lines == ["LOE: 2 of 2 images left out; 0: the model keeps no `input` in its data samples."]
