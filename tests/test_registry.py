import mmengine.registry as root
import pytest

from mmlle import registry
from mmlle.models import SGZ


@pytest.mark.parametrize("name", registry.__all__)
def test_each_registry_is_a_child_of_mmengines(name):
    ours = getattr(registry, name)
    assert ours.scope == "mmlle"
    assert ours.parent is getattr(root, name)


@pytest.mark.parametrize("scope", ["mmengine", "mmagic", "mmseg", "mmlle"])
def test_a_model_is_found_from_every_scope(scope):
    with root.DefaultScope.overwrite_default_scope(scope):
        assert root.MODELS.get("mmlle.SGZ") is SGZ


@pytest.mark.parametrize(
    "name", ["OPTIMIZERS", "OPTIM_WRAPPER_CONSTRUCTORS", "VISUALIZERS", "PARAM_SCHEDULERS"]
)
def test_what_the_runner_looks_for_under_our_scope_is_there(name):
    with getattr(root, name).switch_scope_and_registry("mmlle") as found:
        assert found.scope == "mmlle"
