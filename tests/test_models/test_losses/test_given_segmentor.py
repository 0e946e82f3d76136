import torch
from mmengine.model import BaseModule
from torch import nn

from mmlle.models import SemanticGuidanceLoss


def test_module_as_segmentor_stays_frozen():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    loss = SemanticGuidanceLoss(network)
    loss.init_weights()
    loss.train()
    assert not any(module.training for module in network.modules())
    assert not list(loss.parameters())
    assert not loss.state_dict()
    before = network[1].running_mean.clone()
    image = torch.rand(1, 3, 8, 8, requires_grad=True)
    loss(image).backward()
    assert image.grad.abs().sum() > 0
    assert torch.equal(network[1].running_mean, before)
    assert all(parameter.grad is None for parameter in network.parameters())


def test_segmentor_is_made_while_a_model_is_initialised():
    network = nn.Conv2d(3, 4, 3)
    model = BaseModule()
    model.loss = SemanticGuidanceLoss(network)
    model.init_weights()
    assert model.loss.segmentor.network is network
    assert not network.weight.requires_grad
    model.double()
    assert network.weight.dtype is torch.float64


def test_batch_norm_is_fused():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    loss = SemanticGuidanceLoss(network)
    loss.init_weights()
    assert not any(isinstance(module, nn.BatchNorm2d) for module in loss.segmentor.network.modules())
