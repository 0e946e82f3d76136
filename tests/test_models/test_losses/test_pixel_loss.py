"""Losses of (prediction, target) in place of the ``pixel_loss`` of MMagic's models."""

import pytest
import torch
from mmagic.models import BaseEditModel
from mmagic.structures import DataSample
from mmengine.optim import OptimWrapper
from mmengine.registry import MODELS, DefaultScope

from mmlle.models import losses

FEATURES = dict(type="mmlle.VGGFeatures", depth=16, layers=["relu1_2"])

#: Of each what it is for a prediction x and ground truth y.
LOSSES = {
    "SpatialConsistencyLoss": (dict(), losses.spatial_consistency_loss),
    "ColorPreservationLoss": (dict(), losses.color_preservation_loss),
    "ReflectanceConsistencyLoss": (dict(), torch.nn.functional.mse_loss),
    "ProjectionLoss": (dict(), torch.nn.functional.mse_loss),
    "SelfFeaturePreservingLoss": (dict(features=FEATURES), None),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_model_of_mmagic_learns_with_it(name):
    options, function = LOSSES[name]
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope("mmagic"):
        model = MODELS.build(
            dict(
                type="BaseEditModel",
                generator=dict(type="MLPRefiner", in_dim=3, out_dim=3, hidden_list=[8]),
                pixel_loss=dict(type=f"mmlle.{name}", loss_weight=3.0, **options),
                data_preprocessor=dict(type="DataPreprocessor", mean=[0], std=[255]),
            )
        )
    assert type(model) is BaseEditModel
    # A refiner of single pixels.
    model.forward_tensor = lambda inputs, *_, **__: model.generator(inputs.movedim(1, -1)).movedim(-1, 1)
    torch.nn.init.constant_(model.generator.layers[-1].bias, 0.5)  # as bright as an image
    image, truth = torch.randint(0, 256, (2, 3, 32, 32)).float()
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    assert len(trainable) == len(list(model.generator.parameters()))
    optimizer = OptimWrapper(torch.optim.SGD(trainable, lr=0.05))

    def step():
        data = dict(inputs=[image], data_samples=[DataSample(gt_img=truth)])
        return model.train_step(data, optimizer)["loss"].item()

    with torch.no_grad():
        prediction, wanted = model.forward_tensor(image[None] / 255), truth[None] / 255
        value = model.pixel_loss(prediction, wanted).item()
        assert model.pixel_loss(wanted, wanted).item() == pytest.approx(0, abs=1e-6)
        if function is not None:
            assert value == pytest.approx(3 * function(prediction, wanted).item())
    first = step()
    assert first == pytest.approx(value)
    assert 0 < [step() for _ in range(20)][-1] < first
