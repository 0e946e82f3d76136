import pytest
import torch
from torchvision.models import alexnet

from mmlle.evaluation import LPIPS
from mmlle.evaluation.functional import LPIPSDistance
from mmlle.registry import METRICS
from mmlle.testing import dark_image
from mmlle.utils.errors import UserError


def sample(image, truth, name="a"):
    image, truth = (torch.from_numpy(picture).permute(2, 0, 1).float() for picture in (image, truth))
    return dict(key=name, gt_img=truth, output=dict(pred_img=image))


@pytest.fixture
def backbone(tmp_path):
    torch.manual_seed(0)
    with torch.device("meta"):
        names = {f"features.{k}": v.shape for k, v in alexnet(weights=None).features.state_dict().items()}
    torch.save({name: torch.randn(shape) * 0.05 for name, shape in names.items()}, tmp_path / "alex.pth")
    return str(tmp_path / "alex.pth")


def test_the_mean_over_the_images_that_are_large_enough(backbone, log_lines):
    pairs = [(dark_image(32, 40, seed=i), dark_image(32, 40, seed=i + 9)) for i in range(2)]
    small = dark_image(20, 40)
    metric = METRICS.build(dict(type="LPIPS", backbone_weights=backbone))
    metric.process({}, [sample(*pair, str(i)) for i, pair in enumerate(pairs)])
    metric.process({}, [sample(small, small, "small")])
    distance = LPIPSDistance(backbone)
    expected = sum(distance(*pair) for pair in pairs) / 2
    assert metric.evaluate(3) == {"LPIPS": pytest.approx(expected)}
    (line,) = log_lines
    assert "LPIPS: 1 of 3 images left out; small: " in line
    assert metric.options == dict(
        backbone_weights=backbone, net="alex", weights=None, crop_border=0, rounding="nearest", gt_mean=False
    )


def test_without_weights_it_is_built_and_says_what_it_needs():
    image = dark_image(32, 32)
    metric = LPIPS()
    with pytest.raises(UserError, match=r"`backbone_weights`.*alexnet-owt-7be5be79\.pth"):
        metric.process({}, [sample(image, image)])
    metric = LPIPS("gone.pth")
    with pytest.raises(UserError, match=r"no file gone\.pth for backbone_weights"):
        metric.process({}, [sample(image, image)])
