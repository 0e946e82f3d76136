import pytest
from mmengine.config import Config

from mmlle.benchmark.scaling import exchange_seconds, measure_scaling
from mmlle.datasets.image_folder_dataset import MissingDataError


def test_one_process_is_timed_on_the_data_of_the_config(workspace):
    config = Config.fromfile("config.py")
    times = measure_scaling(config, repeats=2)
    assert times.processes == 1
    assert times.values == sum(weight.numel() for weight in workspace.model.generator.parameters())
    assert min(times.alone, times.together, times.loading, times.ratio) > 0
    assert times.exchange < times.alone


def test_missing_data_is_named(workspace):
    config = Config.fromfile("config.py")
    config.train_dataloader.dataset.data_root = "nowhere"
    with pytest.raises(MissingDataError, match="nowhere"):
        measure_scaling(config, repeats=1)


def test_a_ring_of_two_sends_all_of_it_once_and_one_of_many_twice():
    # 1000 numbers of 4 bytes at 4000 bytes a second.
    assert exchange_seconds(1000, 1, 4000, 0.5) == 0
    assert exchange_seconds(1000, 2, 4000, 0) == pytest.approx(1)
    assert exchange_seconds(1000, 4, 4000, 0) == pytest.approx(1.5)
    assert exchange_seconds(1000, 1000, 4000, 0) == pytest.approx(1.998)
    assert exchange_seconds(0, 4, 4000, 0.5) == pytest.approx(3)
