import pytest
import torch
from mmengine.evaluator import Evaluator
from torchvision.models import resnet18

from mmlle.evaluation import TopKRecognition
from mmlle.registry import METRICS
from mmlle.testing import dark_image
from mmlle.utils.errors import UserError

CLASSES = 6


@pytest.fixture
def classifier(tmp_path):
    """A small classifier of torchvision, its weights in a file."""
    torch.manual_seed(0)
    network = resnet18(num_classes=CLASSES).eval()
    with torch.no_grad():
        # What is likely for a dark image is unlikely for a bright one.
        scores = network(torch.stack([prepared(tensor(0)), prepared(tensor(1))]))
        network.fc.bias -= scores.mean(0)
    torch.save(network.state_dict(), tmp_path / "classifier.pth")
    return network


@pytest.fixture
def metric(tmp_path, classifier):
    """Make the metric with a file of labels."""

    def make(text, **options):
        (tmp_path / "labels.txt").write_text(text)
        settings = dict(classifier="resnet18", num_classes=CLASSES, top_k=(1, 3))
        files = dict(labels=str(tmp_path / "labels.txt"), weights=str(tmp_path / "classifier.pth"))
        return TopKRecognition(**{**files, **settings, **options})

    return make


def tensor(seed):
    return torch.from_numpy(dark_image(40, 40, seed=seed)).permute(2, 0, 1).float() * (1 + 2 * (seed % 2))


def sample(key, **pictures):
    truth = pictures.pop("gt_img", None)
    data = dict(key=key, img_path=f"{key}.png", output=pictures)
    return data if truth is None else data | dict(gt_img=truth)


def prepared(image):
    """What torchvision's classifiers take, of an image (3, H, W), BGR in [0, 255]."""
    rgb = image[[2, 1, 0]] / 255
    for channel, (mean, std) in enumerate(zip((0.485, 0.456, 0.406), (0.229, 0.224, 0.225), strict=True)):
        rgb[channel] = (rgb[channel] - mean) / std
    return rgb


def ranking(classifier, image):
    """Classes by their scores."""
    with torch.no_grad():
        return classifier(prepared(image)[None])[0].argsort(descending=True).tolist()


def test_it_counts_how_often_the_class_is_among_the_likeliest(metric, classifier):
    images = [tensor(seed) for seed in range(4)]
    orders = [ranking(classifier, image) for image in images]
    # Ranks of the true classes: 0, 1, 2 and 3.
    labels = "".join(f"folder/{i}.JPEG {order[i]}\n" for i, order in enumerate(orders))
    samples = [sample(str(i), pred_img=image) for i, image in enumerate(images)]
    evaluator = Evaluator([metric(labels)])
    for one in samples:
        evaluator.process([one], {})
    assert evaluator.evaluate(4) == {"Top1": 25.0, "Top3": 75.0}


def test_a_sample_without_key_has_the_name_of_its_file(metric, classifier):
    image = tensor(0)
    one = sample("n/a", pred_img=image)
    del one["key"]
    evaluated = metric(f"a.png {ranking(classifier, image)[0]}")
    evaluated.process({}, [one])
    assert evaluated.evaluate(1) == {"Top1": 100.0, "Top3": 100.0}


def test_images_of_one_name_are_told_apart_by_their_folders(metric, classifier):
    image = tensor(0)
    first, second = ranking(classifier, image)[:2]
    labels = f"cat/1.png {second}\ndog/1.png {first}\n"
    found = metric(labels, top_k=(1,))
    found.process({}, [sample(f"data/val/{name}/1", pred_img=image) for name in ("cat", "dog")])
    assert [values["Top1"] for values in map(dict, (r.values for r in found.results))] == [0, 100]
    message = refuse(metric(labels), key="bird/1")
    assert f"gives bird/1.png the classes {min(first, second)}, {max(first, second)}" in message


def test_originals_and_further_pictures_are_recognised_beside(metric, classifier):
    good, bad = tensor(0), tensor(1)
    order, other = ranking(classifier, good), ranking(classifier, bad)
    label = order[0]
    assert other[0] != label
    one = sample("a", pred_img=bad, bicubic=bad, gt_img=good)
    found = metric(f"a.png {label}\n", top_k=(1,))
    found.process({}, [one])
    assert found.evaluate(1) == {"Top1": 0.0, "Top1_bicubic": 0.0, "Top1_original": 100.0}


def test_pictures_count_as_they_would_be_saved(metric, classifier):
    image = tensor(0)
    found = metric(f"a {ranking(classifier, image.clamp(0, 100).round())[0]}\n", top_k=(1,))
    for shift in (0.3, -0.3):
        found.process({}, [sample("a", pred_img=image.clamp(0, 100).round() + shift)])
    assert found.evaluate(2) == {"Top1": 100.0}


def test_the_defaults_are_the_papers():
    metric = METRICS.build(dict(type="TopKRecognition", labels="nowhere.txt"))
    assert (metric.classifier, metric.num_classes, metric.top_k) == ("resnet50", 1000, (1, 5))
    assert "resnet50" in metric.weights


def refuse(metric, key="a"):
    with pytest.raises(UserError) as error:
        metric.process({}, [sample(key, pred_img=tensor(0))])
    return str(error.value)


def test_a_classifier_of_another_number_of_classes_than_the_labels(metric):
    message = refuse(metric("a.png 3\n", num_classes=1000))
    assert f"tells {CLASSES} classes apart, and the labels" in message
    assert "are of 1000" in message


def test_a_label_out_of_range(metric):
    message = refuse(metric(f"a.png 3\nb.png {CLASSES}\n"))
    assert "Line 2" in message
    assert f"names the class {CLASSES}, and there are {CLASSES} classes" in message


@pytest.mark.parametrize("line", ["a.png", "a.png cat", "3", "a.png -1"])
def test_a_line_of_something_else(metric, line):
    assert f"must be `NAME CLASS`, got {line!r}" in refuse(metric(f"{line}\n"))


def test_an_image_without_a_label(metric):
    message = refuse(metric("a.png 3\n"), key="sub/b")
    assert "has no label for sub/b.png: no line begins with b" in message


def test_missing_files(metric, tmp_path):
    assert "There is no file of labels gone.txt" in refuse(metric("a 1\n", labels="gone.txt"))
    message = refuse(metric("a 1\n", weights="gone.pth"))
    assert "'gone.pth' could not be loaded" in message
    assert "local file or a URL" in message


def test_weights_of_another_network(metric, tmp_path):
    torch.save({"fc.bias": torch.zeros(CLASSES)}, tmp_path / "other.pth")
    assert "does not fit resnet18" in refuse(metric("a 1\n", weights=str(tmp_path / "other.pth")))
