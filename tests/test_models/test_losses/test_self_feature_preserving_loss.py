import pytest
import torch

from mmlle.models import SelfFeaturePreservingLoss
from mmlle.models.losses import self_feature_preserving_loss
from mmlle.registry import MODELS

pytestmark = pytest.mark.filterwarnings("ignore:VGGFeatures has no weights")

FEATURES = dict(type="mmlle.VGGFeatures", depth=16, layers=["relu1_2"])


@pytest.fixture
def images():
    return torch.rand(2, 2, 3, 16, 20, generator=torch.Generator().manual_seed(0))


class TestFunction:
    def test_by_hand(self):
        enhanced = torch.tensor([0.0, 2.0, 4.0, 6.0]).view(1, 1, 2, 2)
        image = torch.tensor([1.0, 3.0, 3.0, 9.0]).view(1, 1, 2, 2)
        assert self_feature_preserving_loss(enhanced, image, instance_norm=False).item() == pytest.approx(3)
        # Normalised: (-3, -1, 1, 3)/sqrt(5) and (-3, -1, -1, 5)/3.
        pairs = zip((-3, -1, 1, 3), (-3, -1, -1, 5), strict=True)
        expected = sum((a / 5**0.5 - b / 3) ** 2 for a, b in pairs) / 4
        assert self_feature_preserving_loss(enhanced, image).item() == pytest.approx(expected, abs=1e-4)

    def test_each_channel_of_each_image_is_normalised_by_itself(self, images):
        enhanced, image = 100 * images
        factors = torch.tensor([[2.0, 5, 1], [1, 3, 9]]).view(2, 3, 1, 1)
        loss = self_feature_preserving_loss(factors * enhanced + factors, image)
        torch.testing.assert_close(loss, self_feature_preserving_loss(enhanced, image), atol=1e-4, rtol=0)


class TestModule:
    def test_maps_norm_and_weight(self, images):
        enhanced, image = images
        loss = MODELS.build(dict(type="SelfFeaturePreservingLoss", features=FEATURES, loss_weight=3))
        maps = loss.features(enhanced)["relu1_2"], loss.features(image)["relu1_2"]
        torch.testing.assert_close(loss(enhanced, image), 3 * self_feature_preserving_loss(*maps))
        plain = SelfFeaturePreservingLoss(FEATURES, instance_norm=False)
        torch.testing.assert_close(
            plain(enhanced, image), self_feature_preserving_loss(*maps, instance_norm=False)
        )

    def test_several_maps_count_the_same(self, images):
        enhanced, image = images
        both = SelfFeaturePreservingLoss(dict(FEATURES, layers=["relu1_2", "pool2"]))
        parts = [
            self_feature_preserving_loss(both.features(enhanced)[name], both.features(image)[name])
            for name in ("relu1_2", "pool2")
        ]
        torch.testing.assert_close(both(enhanced, image), sum(parts) / 2)

    def test_gradient_goes_to_the_enhanced_image_alone(self, images):
        enhanced, image = (x.clone().requires_grad_() for x in images)
        loss = SelfFeaturePreservingLoss(FEATURES)
        loss(enhanced, image).backward()
        assert enhanced.grad.abs().amax(dim=(1, 2, 3)).min() > 0
        assert image.grad is None
        assert all(p.grad is None for p in loss.features.network.network.parameters())

    def test_the_same_image_costs_nothing(self, images):
        assert SelfFeaturePreservingLoss(FEATURES)(images[0], images[0]).item() == 0

    def test_the_runner_makes_the_network_before_the_training(self):
        loss = SelfFeaturePreservingLoss(FEATURES)
        loss.init_weights()
        assert loss.features.network.network is not None
        assert not loss.state_dict()
        assert not list(loss.parameters())
