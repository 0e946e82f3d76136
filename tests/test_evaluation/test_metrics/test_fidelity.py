import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator

from mmlle.evaluation import PSNR, SSIM, DeltaE, GradientCorrelation
from mmlle.evaluation.functional import delta_e, gradient_correlation, psnr, ssim
from mmlle.evaluation.functional.fidelity import MAX_PSNR
from mmlle.media.color import studio_luma
from mmlle.registry import METRICS
from mmlle.testing import dark_image


def tensor(image):
    return torch.from_numpy(image).permute(2, 0, 1)


def sample(image, truth=None, name="a.png"):
    result = dict(output=dict(pred_img=tensor(image).float()), img_path=name)
    if truth is not None:
        result |= dict(gt_img=tensor(truth), gt_path=f"high/{name}")
    return result


def evaluate(metric, samples):
    for one in samples:
        metric.process({}, [one])
    return metric.evaluate(len(samples))


@pytest.fixture
def pairs():
    return [(dark_image(20, 24, seed=i), dark_image(20, 24, seed=i + 9)) for i in range(3)]


@pytest.mark.parametrize(
    ("metric", "function"),
    [(PSNR, psnr), (SSIM, ssim), (DeltaE, delta_e), (GradientCorrelation, gradient_correlation)],
)
def test_the_mean_over_the_images(pairs, metric, function):
    result = evaluate(metric(), [sample(*pair) for pair in pairs])
    assert result == {metric.__name__: pytest.approx(np.mean([function(*pair) for pair in pairs]))}


def test_outputs_are_rounded_and_clipped_like_a_saved_picture():
    truth = np.full((1, 1, 3), 100, np.uint8)
    one = sample(truth, truth)
    one["output"]["pred_img"] = torch.tensor([100.4, 99.6, 100.0]).view(3, 1, 1)
    assert evaluate(PSNR(), [one]) == {"PSNR": MAX_PSNR}
    white = np.full((1, 1, 3), 255, np.uint8)
    one = sample(white, white)
    one["output"]["pred_img"] += 40
    assert evaluate(PSNR(), [one]) == {"PSNR": MAX_PSNR}


def test_one_perfect_image_does_not_swallow_the_mean(pairs):
    (image, truth), *_ = pairs
    result = evaluate(PSNR(), [sample(image, truth), sample(truth, truth)])
    assert result["PSNR"] == pytest.approx((psnr(image, truth) + MAX_PSNR) / 2)


@pytest.mark.parametrize("metric", [PSNR, SSIM])
def test_without_ground_truth_there_is_no_figure_and_the_log_says_so(pairs, metric, log_lines):
    assert evaluate(metric(), [sample(image) for image, _ in pairs]) == {}
    assert log_lines == [f"{metric.__name__}: 3 of 3 images left out; a.png: no ground truth."]


def test_images_without_ground_truth_do_not_count(pairs):
    (image, truth), (other, _), _ = pairs
    assert evaluate(PSNR(), [sample(other), sample(image, truth)]) == {
        "PSNR": pytest.approx(psnr(image, truth))
    }


@pytest.mark.parametrize("metric", [PSNR, SSIM])
def test_different_sizes_are_an_error_that_names_the_files(metric):
    one = sample(dark_image(20, 24), dark_image(24, 20), name="x.png")
    with pytest.raises(ValueError, match=r"x\.png.*\(20, 24, 3\).*high/x\.png \(24, 20, 3\)"):
        metric().process({}, [one])


def test_their_names_stand_alone_in_the_results(pairs):
    metrics = [METRICS.build(dict(type="PSNR")), METRICS.build(dict(type="SSIM"))]
    evaluator = Evaluator(metrics)
    evaluator.process([sample(*pairs[0])], {})
    assert set(evaluator.evaluate(1)) == {"PSNR", "SSIM"}


def test_a_prefix_tells_two_sets_apart(pairs):
    result = evaluate(PSNR(prefix="LOL"), [sample(*pairs[0])])
    assert list(result) == ["LOL/PSNR"]


@pytest.mark.parametrize(("metric", "function"), [(PSNR, psnr), (SSIM, ssim)])
def test_on_the_luma_without_a_border(metric, function):
    image, truth = dark_image(24, 30), dark_image(24, 30, seed=9)
    expected = function(studio_luma(image[4:-4, 4:-4]), studio_luma(truth[4:-4, 4:-4]))
    result = evaluate(metric(channels="Y", crop_border=4), [sample(image, truth)])
    assert result == {metric.__name__: pytest.approx(expected)}
    image = image.copy()
    image[:4], image[-4:], image[:, :4], image[:, -4:] = 0, 255, 0, 255
    assert evaluate(metric(channels="Y", crop_border=4), [sample(image, truth)]) == result


def test_a_border_without_a_channel():
    image, truth = dark_image(8, 9), dark_image(8, 9, seed=9)
    result = evaluate(PSNR(crop_border=1), [sample(image, truth)])
    assert result == {"PSNR": pytest.approx(psnr(image[1:-1, 1:-1], truth[1:-1, 1:-1]))}


def test_an_image_of_nothing_but_border_is_named():
    image = dark_image(8, 20)
    with pytest.raises(ValueError, match=r"4 pixels.*x\.png.*\(8, 20"):
        PSNR(crop_border=4).process({}, [sample(image, image, name="x.png")])


def test_unknown_channels_are_refused():
    with pytest.raises(ValueError, match="SSIM must be 'RGB' or 'Y', got 'L'"):
        SSIM(channels="L")
    with pytest.raises(ValueError, match="DeltaE must be 'RGB', got 'Y'"):
        DeltaE(channels="Y")


@pytest.mark.parametrize(("rounding", "difference"), [("nearest", 1), ("down", 0), ("none", 0.75)])
def test_rounding(rounding, difference):
    truth = np.full((2, 2, 3), 100, np.uint8)
    one = sample(truth, truth)
    one["output"]["pred_img"] = one["output"]["pred_img"] + 0.75
    expected = MAX_PSNR if not difference else 20 * np.log10(255 / difference)
    assert evaluate(PSNR(rounding=rounding), [one])["PSNR"] == pytest.approx(expected)


def test_unknown_rounding():
    with pytest.raises(ValueError, match="nearest, down, none, got 'up'"):
        PSNR(rounding="up")


@pytest.mark.parametrize("metric", [PSNR, SSIM, DeltaE, GradientCorrelation])
def test_the_mean_of_the_ground_truth_is_never_a_default_and_always_marked(pairs, metric):
    (image, truth), *_ = pairs
    assert list(evaluate(metric(), [sample(image, truth)])) == [metric.__name__]
    figures = evaluate(metric(gt_mean=True), [sample(image, truth)])
    assert list(figures) == [f"{metric.__name__}_gtmean"]


def test_an_image_that_is_only_too_dark_is_perfect_with_the_mean_of_the_ground_truth():
    truth = dark_image(20, 24) * 2
    assert evaluate(PSNR(), [sample(truth // 2, truth)])["PSNR"] < 30
    assert evaluate(PSNR(gt_mean=True), [sample(truth // 2, truth)]) == {"PSNR_gtmean": MAX_PSNR}


def test_scaling_to_the_mean_comes_before_rounding():
    truth = np.full((2, 2, 3), 100, np.uint8)
    one = sample(truth, truth)
    one["output"]["pred_img"] = torch.full((3, 2, 2), 0.4)
    assert evaluate(PSNR(gt_mean=True), [one]) == {"PSNR_gtmean": MAX_PSNR}


def test_a_black_output_has_no_mean_to_scale():
    truth = np.full((2, 2, 3), 100, np.uint8)
    result = evaluate(PSNR(gt_mean=True), [sample(np.zeros_like(truth), truth)])
    assert result["PSNR_gtmean"] == pytest.approx(20 * np.log10(2.55))


def test_images_below_the_window_are_left_out_and_the_log_says_so(pairs, log_lines):
    small = dark_image(10, 24)
    result = evaluate(SSIM(), [sample(small, small, "small.png"), sample(*pairs[0])])
    assert result == {"SSIM": pytest.approx(ssim(*pairs[0]))}
    (line,) = log_lines
    assert line.startswith("SSIM: 1 of 2 images left out; small.png: ")
    assert "11x11" in line
    assert "10x24" in line


def test_the_log_says_how_many_images_are_perfect(pairs, log_lines):
    (image, truth), *_ = pairs
    evaluate(PSNR(), [sample(image, truth), sample(truth, truth)])
    assert log_lines == ["PSNR: 1 of 2 images equal their ground truth and count as 120 dB."]


def test_constant_images(log_lines):
    one = sample(*(np.full((12, 12, 3), value, np.uint8) for value in (100, 110)))
    figures = [evaluate(metric(), [one]) for metric in (PSNR, SSIM, DeltaE, GradientCorrelation)]
    c1 = 2.55**2
    assert figures[0]["PSNR"] == pytest.approx(20 * np.log10(25.5))
    assert figures[1]["SSIM"] == pytest.approx((22000 + c1) / (10000 + 12100 + c1))
    assert 3 < figures[2]["DeltaE"] < 5
    assert figures[3]["GradientCorrelation"] == 0
    assert log_lines == []
