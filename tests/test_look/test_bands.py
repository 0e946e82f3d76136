from mmlle.look.bands import bands


def test_bands_have_their_surroundings_and_end_with_the_image():
    found = list(bands(10, 4, 3))
    assert [rows for rows, _, _ in found] == [slice(0, 4), slice(4, 8), slice(8, 10)]
    assert [around for _, around, _ in found] == [slice(0, 7), slice(1, 10), slice(5, 10)]
    values = list(range(10))
    assert [values[around][inside] for _, around, inside in found] == [values[rows] for rows, _, _ in found]
