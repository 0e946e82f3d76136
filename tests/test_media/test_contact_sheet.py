import numpy as np

from mmlle.media.contact_sheet import contact_sheet, side_by_side


def test_images_of_different_heights_are_aligned_at_the_top():
    tall, wide = np.full((3, 1, 3), 7, np.uint8), np.full((1, 2, 3), 9, np.uint8)
    both = side_by_side([tall, wide])
    assert both[..., 0].tolist() == [[7, 9, 9], [7, 0, 0], [7, 0, 0]]


def test_a_sheet_has_a_row_of_titles_and_columns_of_one_width():
    small, large = np.full((10, 20, 3), 50, np.uint8), np.full((12, 40, 3), 90, np.uint8)
    sheet = contact_sheet([[small, large], [large, small]], ["dark", "bright"])
    assert sheet.shape == (28 + 12 + 12, 80, 3)
    for column in (slice(0, 40), slice(40, 80)):
        assert 0 < (sheet[:28, column] < 128).sum() < sheet[:28, column].size / 4  # some black letters
    assert np.array_equal(sheet[28:38, :20], small)
    assert np.array_equal(sheet[28:40, 40:], large)
    assert np.array_equal(sheet[40:52, :40], large)
    assert (sheet[28:38, 20:40] == 255).all()
