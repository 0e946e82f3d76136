import mmlle
from mmlle.cli.main import main


def test_it_prints_a_line_for_each(capsys):
    main(["env"])
    assert f"MMLLE: {mmlle.__version__}\n" in capsys.readouterr().out
