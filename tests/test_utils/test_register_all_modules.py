import subprocess
import sys

#: In a fresh interpreter, where nothing is registered yet.
BUILD = """
from mmengine.registry import MODELS, DefaultScope
from mmlle.utils import register_all_modules

register_all_modules(init_default_scope=False)
print(DefaultScope.get_current_instance())
from mmlle.registry import DATASETS, HOOKS, METRICS
print("LowLightDataset" in DATASETS, "PictureHook" in HOOKS, "PSNR" in METRICS)

for _ in range(2):
    register_all_modules()
    print(DefaultScope.get_current_instance().scope_name)
print(MODELS.build(dict(type="ZeroDCENet", width=2)).__module__)
"""


def test_names_without_prefix_are_found_afterwards_if_that_is_wanted():
    command = [sys.executable, "-W", "ignore", "-c", BUILD]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == [
        "None",
        "True True True",
        "mmlle",
        "mmlle",
        "mmlle.models.editors.zero_dce.zero_dce_net",
    ]
