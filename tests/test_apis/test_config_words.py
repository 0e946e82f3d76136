import pytest

from mmlle.apis.config_words import did_you_mean, is_slip, listed, shown, wrong_value
from mmlle.utils.annotations import Parameter


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("trian_cfg", "train_cfg", True),
        ("trai_cfg", "train_cfg", True),
        ("trainn_cfg", "train_cfg", True),
        ("modle", "model", True),
        ("mdoel_", "model", False),  # two slips in a short name
        ("val_cfg", "train_cfg", False),
        ("crop", "drop", False),  # too short to tell
    ],
)
def test_slips_are_told_from_other_names(one, other, slip):
    assert is_slip(one, other) is slip


def test_the_nearest_name_is_asked_for():
    assert did_you_mean("Adamm", ["SGD", "Adam", "AdamW"]) == "; did you mean Adam?"
    assert did_you_mean("Lion", ["SGD", "Adam"]) == ""


def test_of_many_names_some_are_listed():
    assert listed([]) == "none"
    assert listed(["a", "b"]) == "a, b"
    assert listed([str(number) for number in range(99)]).endswith("10, 11, …")


def test_a_wrong_value_stands_beside_what_is_taken():
    assert (
        wrong_value("optim.lr", "fast", Parameter(float, 0.1), "Adam")
        == "optim.lr is 'fast' (str); Adam takes float"
    )
    assert shown("x" * 99) == f"'{'x' * 56}... (str)"
