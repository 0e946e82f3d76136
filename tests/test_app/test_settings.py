from dataclasses import fields

import pytest

from mmlle.app.settings import NUMBER, SETTINGS, look_of, values_of
from mmlle.look import Look
from mmlle.utils.errors import UserError

LOOKS = [
    Look(),
    Look.as_trained(),
    Look(exposure=0.5, shadows=0.3, strength=1.2, denoise=7, saturation="as-is"),
    Look(strength=0),
    Look(trust=0.5),
]


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_as_controls_and_back(look):
    values = values_of(look)
    assert look_of(values, Look(trust=look.trust)) == look
    choices = [setting for setting in SETTINGS for _ in range(1 + (setting.number is not None))]
    assert len(values) == len(choices)


def test_every_setting_of_the_look_but_the_methods_own_has_a_control():
    assert {setting.name for setting in SETTINGS} == {field.name for field in fields(Look)} - {"trust"}


@pytest.mark.parametrize("setting", [setting for setting in SETTINGS if setting.number])
@pytest.mark.parametrize("end", ["lowest", "highest", "start"])
def test_every_number_of_a_control_is_taken(setting, end):
    values = []
    for other in SETTINGS:
        values.append(NUMBER if other is setting else other.choices[0][1])
        if other.number is not None:
            values.append(getattr(other, end))
    assert getattr(look_of(values, Look()), setting.name) == getattr(setting, end)


@pytest.mark.parametrize("wrong", ["best", None, 7, ["auto"]])
def test_what_no_control_gives_is_refused(wrong):
    values = values_of(Look())
    with pytest.raises(UserError, match="exposure must be auto or as-trained or a number from 0.3 to 0.6"):
        look_of([wrong, *values[1:]], Look())
    with pytest.raises(UserError, match="exposure must be"):
        look_of([NUMBER, wrong, *values[2:]], Look())
