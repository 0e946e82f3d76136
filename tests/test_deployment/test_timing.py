from mmlle.deployment import timing


def test_the_functions_take_turns(monkeypatch):
    calls = []
    clock = iter([0, 1, 1, 11, 11, 14, 14, 34, 34, 36, 36, 66])
    monkeypatch.setattr(timing.time, "perf_counter", lambda: next(clock))
    times = timing.time_in_turns([lambda: calls.append("a"), lambda: calls.append("b")], 3)
    assert calls == ["a", "b"] * 4
    assert times == [2, 20]
