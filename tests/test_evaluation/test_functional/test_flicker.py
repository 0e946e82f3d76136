import numpy as np
import pytest

from mmlle.evaluation.functional.flicker import block_lumas, flicker


def blocks(*frames):
    return np.array(frames, dtype=float).reshape(len(frames), 1, -1)


def test_block_lumas_are_means_of_whole_blocks():
    image = np.zeros((5, 9, 3), np.uint8)
    image[:2, :4] = [[0, 0, 0], [40, 40, 40], [0, 0, 0], [40, 40, 40]]
    image[4:] = 255  # below the last whole block
    np.testing.assert_allclose(block_lumas(image, 4), [[10, 0]], atol=1e-5)


def test_what_is_as_bright_as_before_does_not_flicker():
    before = blocks([10, 20], [10, 20], [10, 20])
    assert flicker(before, 3 * before) == (0, 0, 0, 1)


def test_a_change_of_the_output_alone_is_flicker():
    result = flicker(blocks([10, 20], [10, 20]), blocks([30, 60], [32, 64]))
    assert result == (3, 3, 0, 1)


def test_the_flicker_of_the_film_is_scaled_by_the_gain():
    # 10 % brighter in both: the gain is 3 all the time, and nothing is added.
    result = flicker(blocks([10, 20], [11, 22]), blocks([30, 60], [33, 66]))
    assert result.excess == pytest.approx(0)
    assert result.expected == result.output == pytest.approx(4.5)
    # 20 % brighter in the output: by 6 and 12, of which (66 / 21) * 1 and (132 / 42) * 2 were to be expected.
    result = flicker(blocks([10, 20], [11, 22]), blocks([30, 60], [36, 72]))
    assert result.excess == pytest.approx((6 - 66 / 21 + 12 - 2 * 132 / 42) / 2)


def test_an_output_that_changes_less_is_not_rewarded():
    result = flicker(blocks([10, 20], [11, 22], [11, 22]), blocks([30, 60], [30, 60], [33, 66]))
    assert result.excess == pytest.approx(4.5 / 2)


def test_motion_and_black_blocks_do_not_count():
    # The last block moves; the first one is black.
    result = flicker(blocks([1, 10, 20, 30, 40], [1, 10, 20, 30, 90]), blocks(*[[9, 30, 60, 90, 0]] * 2))
    assert result == (0, 0, 0, 0.6)
    assert flicker(blocks([1, 1], [1, 1]), blocks([9, 9], [20, 20])) is None
