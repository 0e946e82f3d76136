import pytest
import torch
from mmagic.structures import DataSample

from mmlle.models import EnhancerDataPreprocessor
from mmlle.utils.errors import ImageSizeError, UserError


def image(blue, green, red, size=(2, 3)):
    """As the pipeline gives it: uint8, BGR."""
    return torch.tensor([blue, green, red], dtype=torch.uint8).view(3, 1, 1).expand(3, *size).contiguous()


def sample(**data):
    result = DataSample(metainfo=dict(img_path=data.pop("path", "a.png")))
    result.set_tensor_data(data)
    return result


def colours(batch):
    return batch[..., 0, 0].tolist()


@pytest.mark.parametrize("training", [True, False])
def test_a_batch_is_rgb_between_0_and_1(training):
    images = [image(0, 51, 255), image(102, 0, 0)]
    out = EnhancerDataPreprocessor()(
        dict(inputs=images, data_samples=[sample(), sample(path="b.png")]), training
    )
    assert out["inputs"].shape == (2, 3, 2, 3)
    assert out["inputs"].dtype == torch.float32
    assert colours(out["inputs"]) == [pytest.approx([1, 0.2, 0]), pytest.approx([0, 0, 0.4])]
    assert [s.img_path for s in out["data_samples"].split()] == ["a.png", "b.png"]


def test_one_tensor_is_a_batch_too():
    out = EnhancerDataPreprocessor()(dict(inputs=torch.stack([image(0, 51, 255)] * 2)))
    assert colours(out["inputs"]) == [pytest.approx([1, 0.2, 0])] * 2


def test_ground_truth_in_testing_stays_what_the_metrics_compare_with():
    data = dict(inputs=[image(1, 2, 3)], data_samples=[sample(gt_img=image(10, 20, 30))])
    truth = EnhancerDataPreprocessor()(data, training=False)["data_samples"].gt_img
    assert colours(truth) == [[10, 20, 30]]


def test_ground_truth_in_training_is_what_the_model_gives():
    data = dict(inputs=[image(1, 2, 3)], data_samples=[sample(gt_img=image(0, 51, 255))])
    truth = EnhancerDataPreprocessor()(data, training=True)["data_samples"].gt_img
    assert colours(truth) == [pytest.approx([1, 0.2, 0])]


def test_batches_with_and_without_ground_truth_may_follow_each_other(log_lines):
    preprocess = EnhancerDataPreprocessor()
    for truth in (True, False, True):
        data = {"gt_img": image(4, 5, 6)} if truth else {}
        out = preprocess(dict(inputs=[image(1, 2, 3)], data_samples=[sample(**data)]))
        assert ("gt_img" in out["data_samples"]) is truth
    assert not log_lines


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (1, 3), (7, 5)])
def test_small_images_are_not_taken_for_something_else(size):
    out = EnhancerDataPreprocessor()(dict(inputs=[image(0, 51, 255, size)], data_samples=[sample()]))
    assert out["inputs"].shape == (1, 3, *size)
    assert colours(out["inputs"]) == [pytest.approx([1, 0.2, 0])]


def test_the_way_back_gives_what_was_loaded():
    preprocess = EnhancerDataPreprocessor()
    images = [image(0, 51, 255), image(102, 7, 9)]
    out = preprocess(dict(inputs=images, data_samples=[sample(), sample()]))
    back = preprocess.destruct(out["inputs"], out["data_samples"], "img")
    torch.testing.assert_close(back, torch.stack(images).float())


def test_several_images_of_a_sample():
    inputs = [dict(one=image(0, 51, 255), other=image(255, 0, 0))]
    out = EnhancerDataPreprocessor()(dict(inputs=inputs, data_samples=[sample()]))
    assert colours(out["inputs"]["one"]) == [pytest.approx([1, 0.2, 0])]
    assert colours(out["inputs"]["other"]) == [[0, 0, 1]]


def test_different_sizes_are_refused_with_the_names_of_the_files():
    data = dict(
        inputs=[image(1, 2, 3, (4, 6)), image(1, 2, 3, (6, 4))],
        data_samples=[sample(path="x/wide.png"), sample(path="x/tall.png")],
    )
    with pytest.raises(ImageSizeError, match=r"x/wide\.png 4x6, x/tall\.png 6x4.*batch_size"):
        EnhancerDataPreprocessor()(data)
    assert issubclass(ImageSizeError, UserError)
    with pytest.raises(ImageSizeError, match=r"\? 4x6, \? 6x4"):
        EnhancerDataPreprocessor()(dict(inputs=data["inputs"]))


def test_another_range_is_an_option():
    out = EnhancerDataPreprocessor(mean=127.5, std=127.5)(
        dict(inputs=[image(0, 255, 255)], data_samples=[sample()])
    )
    assert colours(out["inputs"]) == [[1, 1, -1]]


def test_several_images_of_a_sample_are_compared_each_by_name():
    small, large = image(1, 2, 3), image(1, 2, 3, size=(2, 4))
    fitting = [dict(img=small, other=large), dict(img=small, other=large)]
    samples = [sample(path="a.png"), sample(path="b.png")]
    with pytest.raises(ImageSizeError, match="a.png 2x4, b.png 2x3"):
        EnhancerDataPreprocessor()(
            dict(inputs=[fitting[0], dict(img=small, other=small)], data_samples=samples)
        )
    out = EnhancerDataPreprocessor()(dict(inputs=[dict(img=small)] * 2, data_samples=samples))
    assert colours(out["inputs"]["img"]) == [pytest.approx([3 / 255, 2 / 255, 1 / 255])] * 2
