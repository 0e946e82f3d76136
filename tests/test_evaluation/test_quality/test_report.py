from mmlle.evaluation.quality import QUALITY_SETS, to_markdown


def test_table():
    summary = {
        "identity dB": dict(n=3, mean=20.04, sd=1.26),
        "bright part dB": dict(n=1, mean=22.0, sd=None),
    }
    other = {"identity dB": dict(n=3, mean=30, sd=2), "bright part dB": dict(n=0, mean=None, sd=None)}
    assert to_markdown(QUALITY_SETS["D"], {"sgz": summary, "folder": other}).splitlines() == [
        "| D well exposed | n | identity dB | bright part dB |",
        "| --- | --- | --- | --- |",
        "| sgz | 3 | 20.0 ± 1.3 | 22.0 (n = 1) |",
        "| folder | 3 | 30.0 ± 2.0 | – |",
    ]
