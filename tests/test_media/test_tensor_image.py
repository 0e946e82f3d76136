import numpy as np
import torch

from mmlle.media.tensor_image import tensor_to_image


def test_values_are_rounded_and_clipped():
    values = torch.tensor([-3.0, 0.4, 0.6, 127.5, 254.4, 254.6, 300.0])
    image = tensor_to_image(values.expand(3, 1, 7))
    assert image.dtype == np.uint8
    # 127.5 goes to the even neighbour.
    assert image[0, :, 0].tolist() == [0, 0, 1, 128, 254, 255, 255]


def test_channels_come_last_in_their_order():
    tensor = torch.arange(2 * 3 * 4.0).view(2, 3, 4)
    image = tensor_to_image(tensor)
    assert image.shape == (3, 4, 2)
    assert np.array_equal(image.transpose(2, 0, 1), tensor.numpy())


def test_the_tensor_stays_as_it_is():
    tensor = torch.full((3, 2, 2), 300.5, requires_grad=True)
    tensor_to_image(tensor)
    assert tensor.eq(300.5).all()


def test_other_types():
    assert tensor_to_image(torch.full((1, 1, 1), 200, dtype=torch.uint8)).item() == 200
    assert tensor_to_image(torch.full((1, 1, 1), 99.6, dtype=torch.float64)).item() == 100
