import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mmlle.app.methods import Methods, shipped_methods
from mmlle.utils.errors import UserError
from mmlle.zoo import list_models, weights_path

from .stand_in import Gamma


def test_a_model_is_loaded_once_and_shared_by_all_threads():
    loaded = []

    def load(name):
        loaded.append(name)
        time.sleep(0.05)
        return Gamma()

    methods = Methods(["a", "b"], load)
    assert loaded == []
    with ThreadPoolExecutor(8) as threads:
        models = list(threads.map(lambda _: methods["a"], range(8)))
    assert loaded == ["a"]
    assert all(model is models[0] for model in models)
    assert methods["b"] is not models[0]


def test_the_scale_is_found_out():
    methods = Methods(["a", "b"], lambda name: Gamma(dict(a=1, b=4)[name]))
    assert (methods["a"].scale, methods["b"].scale) == (1, 4)


def test_what_cannot_be_chosen_is_not_loaded():
    with pytest.raises(UserError, match=r"no method '\.\./x\.py' here; choose one of a\."):
        Methods(["a"], Gamma)["../x.py"]


def test_a_model_that_cannot_be_loaded_is_tried_again():
    answers = [UserError("full"), Gamma()]

    def load(name):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    methods = Methods(["a"], load)
    with pytest.raises(UserError, match="full"):
        methods["a"]
    assert methods["a"].scale == 1


def test_methods_with_weights_begin_with_the_default_and_end_with_super_resolution():
    names = shipped_methods()
    assert names[0] == "global_curve"
    assert names[-2:] == ["enhancenet", "enhancenet_pat"]
    assert set(names) == {name for name, model in list_models().items() if model["weights"]}
    assert all(weights_path(name).is_file() for name in names)
