from torch import Tensor

__all__ = ["apply_light_curve"]


def apply_light_curve(image: Tensor, maps: Tensor, steps: int = 8, order: int = 2) -> Tensor:
    r"""Brighten an image step by step along a curve: :math:`x \leftarrow x + r (x^k - x)`.

    The light-enhancement curve of Zero-DCE (Guo et al., CVPR 2020, Eq. 2), a map for each step, and the
    recurrent image enhancement of SGZ (Zheng & Gupta, WACVW 2022, Sec. 3.2), the same map in all steps.

    Args:
        image: (N, 3, H, W) in [0, 1].
        maps: (N, 3, H, W), the same :math:`r` in all steps, or (N, 3 * steps, H, W), one after the other; in
            [-1, 1].
        steps: Number of steps.
        order: :math:`k`. 2 keeps [0, 1] within [0, 1]; 1 changes nothing; 3 and 4 are for ablations.

    Returns:
        (N, 3, H, W).

    Raises:
        ValueError: If the number of maps is neither 3 nor 3 * steps.
    """
    if maps.shape[1] not in (3, 3 * steps):
        raise ValueError(
            f"A curve of {steps} steps needs 3 or {3 * steps} maps, got {maps.shape[1]}: the network's "
            "number of output channels and the model's `steps` do not fit."
        )
    each_step = maps.split(3, dim=1)
    for step in range(steps):
        image = image + each_step[step % len(each_step)] * (image**order - image)
    return image
