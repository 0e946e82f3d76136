import torch
from mmengine.registry import DefaultScope

from mmlle.models import RetinexDecompositionNet


def network(init_cfg):
    torch.manual_seed(0)
    made = RetinexDecompositionNet(width=16, init_cfg=init_cfg)
    with DefaultScope.overwrite_default_scope("mmlle"):
        made.init_weights()
    return made


def test_images_pass_through_from_the_first_step():
    image = torch.rand(1, 3, 12, 16)
    net = network(dict(type="PassThrough"))
    # sigmoid(5 x - 2.5) is off x by 0.08 at most; the other channels add to that.
    assert (net.denoise(image) - image).abs().max() < 0.2
    mean = image.mean(dim=1, keepdim=True)
    assert (net.illumination(image) - mean).abs().max() < 0.2
    assert (network(None).denoise(image) - image).abs().max() > 0.3


def test_without_the_other_channels_it_is_the_sigmoid_of_the_image():
    net = network(dict(type="PassThrough", gain=4))
    with torch.no_grad():
        net.n_net.conv5.weight[:, 3:] = 0
    image = torch.rand(1, 3, 12, 16)
    torch.testing.assert_close(net.denoise(image), torch.sigmoid(4 * image - 2))


def test_the_other_channels_still_learn():
    net = network(dict(type="PassThrough"))
    net.denoise(torch.rand(1, 3, 12, 16)).square().mean().backward()
    for layer in (net.n_net.conv1, net.n_net.conv3, net.n_net.conv5):
        per_output = layer.weight.grad.flatten(1).abs().sum(dim=1)
        assert (per_output > 0).float().mean() > 0.5
