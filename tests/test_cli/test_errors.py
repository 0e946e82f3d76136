import subprocess
import sys

import pytest
from torch.utils.data import DataLoader

from mmlle.cli.errors import run
from mmlle.media.image_io import UnreadableImageError
from mmlle.registry import MODELS
from mmlle.utils.errors import UserError


class Broken:
    """A data set of which a worker cannot read an image."""

    def __len__(self):
        return 1

    def __getitem__(self, index):
        raise UnreadableImageError("Cannot read the image a.png: image file is truncated.")


class TestRun:
    def fail(self, error):
        def command():
            raise error

        return command

    def test_nothing_happens_when_all_is_well(self):
        done = []
        run(lambda: done.append(1))
        assert done == [1]

    def test_what_the_user_can_fix_is_a_message(self):
        with pytest.raises(SystemExit) as stop:
            run(self.fail(UserError("No data. Make some.")))
        assert stop.value.code == "Error: No data. Make some."

    def test_so_it_is_when_a_worker_met_it(self):
        loader = DataLoader(Broken(), num_workers=1, multiprocessing_context="fork")
        with pytest.raises(SystemExit) as stop:
            run(lambda: list(loader))
        assert stop.value.code == "Error: Cannot read the image a.png: image file is truncated."

    def test_a_name_in_no_registry_is_a_message(self):
        with pytest.raises(SystemExit, match="^Error: ColourLoss is not in the"):
            run(lambda: MODELS.build(dict(type="ColourLoss")))

    @pytest.mark.parametrize(
        "error", [KeyError("x is not in the y"), ValueError("a fault"), RuntimeError("a fault")]
    )
    def test_a_fault_in_the_program_keeps_its_traceback(self, error):
        with pytest.raises(type(error), match=str(error.args[0])):
            run(self.fail(error))

    def test_it_needs_no_pytorch(self):
        code = (
            "import sys\nfrom mmlle.cli.errors import run\nfrom mmlle.utils.errors import UserError\n"
            "def fail():\n    raise UserError(f'torch: {\"torch\" in sys.modules}')\nrun(fail)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (1, "Error: torch: False\n")
