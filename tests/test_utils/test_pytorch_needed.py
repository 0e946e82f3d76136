import pytest

from mmlle.utils.errors import UserError
from mmlle.utils.pytorch_needed import pytorch_needed


@pytest.mark.parametrize("name", ["torch", "mmengine.config", "mmagic"])
def test_a_package_that_is_missing_is_one_line(name):
    message = rf"^{name.partition('.')[0]} is not installed\..*come exported"
    with pytest.raises(UserError, match=message) as error, pytorch_needed():
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "error", [ModuleNotFoundError("x", name="yaml"), ImportError("y"), KeyError("torch")]
)
def test_other_errors_stay(error):
    with pytest.raises(type(error)) as found, pytorch_needed():
        raise error
    assert found.value is error
