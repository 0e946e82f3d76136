import torch

from mmlle.models import SGZ, CurveEnhancer, ZeroDCE
from mmlle.models.utils import apply_light_curve
from mmlle.registry import MODELS
from mmlle.testing import tiny_sgz, tiny_zero_dce


def test_sgz_and_zero_dce_are_siblings():
    assert issubclass(SGZ, CurveEnhancer)
    assert issubclass(ZeroDCE, CurveEnhancer)
    assert not issubclass(SGZ, ZeroDCE)


def test_the_curve_is_that_of_the_maps():
    torch.manual_seed(0)
    for config in (tiny_zero_dce(), dict(tiny_sgz(), semantic_loss=None)):
        model = MODELS.build(config).eval()
        image = torch.rand(2, 3, 9, 11)
        enhanced, maps = model.brighten(image)
        torch.testing.assert_close(maps, model.generator(image))
        torch.testing.assert_close(enhanced, apply_light_curve(image, maps, model.steps, model.order))
        torch.testing.assert_close(model(image), enhanced)


def test_the_losses_are_those_of_the_parts():
    torch.manual_seed(0)
    model = MODELS.build(tiny_zero_dce())
    image, enhanced, maps = torch.rand(2, 3, 32, 32), torch.rand(2, 3, 32, 32), torch.rand(2, 9, 32, 32)
    losses = model.curve_losses(image, maps, enhanced)
    torch.testing.assert_close(losses["loss_spatial"], model.spatial_loss(enhanced, image))
    torch.testing.assert_close(losses["loss_color"], model.color_loss(enhanced))
    torch.testing.assert_close(losses["loss_exposure"], model.exposure_loss(enhanced))
    torch.testing.assert_close(losses["loss_smoothness"], model.smoothness_loss(maps))
