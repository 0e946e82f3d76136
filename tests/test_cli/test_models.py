import subprocess
import sys

from mmlle.cli.models import describe, main
from mmlle.zoo import list_models


def test_each_model_is_listed_with_what_is_known_of_it(capsys):
    main([])
    blocks = capsys.readouterr().out.split("\n\n")
    assert len(blocks) == len(list_models())
    for block, (name, model) in zip(blocks, list_models().items(), strict=True):
        assert block.splitlines()[0] == name
        for known in (model["task"], f"{model['parameters']:,}", model["weights"], model["licence"]):
            assert known is None or known in block


def test_figures_and_absent_weights():
    model = dict(task="enhancement", parameters=1234, weights=None, licence=None)
    lines = describe("toy", dict(model, results=dict(LOL=dict(PSNR=13.5, SSIM=0.6)))).splitlines()
    assert lines == [
        "toy",
        "  task        enhancement",
        "  parameters  1,234",
        "  weights     not shipped; name a checkpoint with --weights",
        "  LOL: PSNR 13.5, SSIM 0.6",
    ]


def test_pytorch_is_not_waited_for():
    code = "import sys; from mmlle.cli.main import main; main(['models']); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
