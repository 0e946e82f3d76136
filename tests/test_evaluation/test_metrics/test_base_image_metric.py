"""The metrics in MMEngine's Evaluator and in MMagic's, in one process and in two."""

import os
from multiprocessing import get_context

import pytest
import torch
from mmagic import evaluation as mmagic
from mmengine.config import Config
from mmengine.dataset import DefaultSampler
from mmengine.evaluator import Evaluator
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from mmlle.evaluation import LOE, NIQE, PSNR, SSIM, DeltaE, Faithfulness, GradientCorrelation, TopKRecognition
from mmlle.testing import dark_image

#: An odd number: two processes of two evaluate one of the images twice.
IMAGES = 3


def image(seed):
    return torch.from_numpy(dark_image(96, 192, seed=seed)).permute(2, 0, 1).float()


def sample(index):
    return dict(
        output=dict(pred_img=image(index)), input=image(index + 5), gt_img=image(index + 9), key=str(index)
    )


def loader(images=IMAGES, round_up=True):
    dataset = list(range(images))
    sampler = DefaultSampler(dataset, shuffle=False, round_up=round_up)
    return DataLoader(dataset, sampler=sampler, collate_fn=lambda batch: batch)


def metrics():
    return [
        *(PSNR(), SSIM(), DeltaE(), GradientCorrelation(), PSNR(channels="Y", prefix="luma")),
        *(PSNR(gt_mean=True), NIQE(), LOE(), Faithfulness()),
    ]


def in_mmengine(metrics, *arguments):
    evaluator, batches = Evaluator(metrics), loader(*arguments)
    for batch in batches:
        evaluator.process([sample(index) for index in batch], batch)
    return evaluator.evaluate(len(batches.dataset))


def in_mmagic(metrics):
    """Do what MMagic's MultiTestLoop does."""
    evaluator, batches = mmagic.Evaluator(metrics), loader()
    evaluator.prepare_metrics(torch.nn.Module(), batches)
    for sharing, sampler in evaluator.prepare_samplers(torch.nn.Module(), batches):
        for batch in sampler:
            evaluator.process([sample(index) for index in batch], batch, sharing)
    return evaluator.evaluate()


def test_mmagics_evaluator_gives_the_same_figures():
    figures = in_mmagic(metrics())
    assert list(figures)[:7] == [
        *("PSNR", "SSIM", "DeltaE", "GradientCorrelation", "luma/PSNR", "PSNR_gtmean", "NIQE")
    ]
    assert figures == in_mmengine(metrics())


def test_they_share_their_batches_with_mmagics_own_metrics():
    class Model(torch.nn.Module):
        data_preprocessor = None

    batches = loader()
    evaluator = mmagic.Evaluator([PSNR(prefix="ours"), mmagic.PSNR(prefix="theirs")])
    evaluator.prepare_metrics(Model(), batches)
    ((sharing, sampler),) = evaluator.prepare_samplers(Model(), batches)
    assert sharing == evaluator.metrics
    assert sampler is batches


def test_an_evaluator_may_be_used_again():
    evaluator, batches = mmagic.Evaluator([PSNR()]), loader()
    figures = []
    for _ in range(2):
        evaluator.prepare_metrics(torch.nn.Module(), batches)
        evaluator.process([sample(0)], {}, evaluator.metrics)
        figures.append(evaluator.evaluate())
    assert figures[0] == figures[1]


def test_recognition_in_mmagics_evaluator(tmp_path):
    from torchvision.models import resnet18

    torch.manual_seed(0)
    torch.save(resnet18(num_classes=2).state_dict(), tmp_path / "classifier.pth")
    (tmp_path / "labels.txt").write_text("".join(f"{index} 0\n" for index in range(IMAGES)))
    files = dict(labels=str(tmp_path / "labels.txt"), weights=str(tmp_path / "classifier.pth"))

    def metric():
        return TopKRecognition(**files, classifier="resnet18", num_classes=2, top_k=(1, 2))

    figures = in_mmagic([metric()])
    assert figures["Top2"] == 100
    assert figures == in_mmengine([metric()])


def test_a_size_is_needed():
    metric = PSNR()
    metric.process({}, [sample(0)])
    with pytest.raises(RuntimeError, match=r"PSNR\.evaluate\(\).*size"):
        metric.evaluate()


def evaluate_in_process(rank, folder, results):
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2
    )
    figures = [in_mmengine(metrics()), in_mmagic(metrics())]
    # One image for two processes; and the last of three for one process alone, instead of one twice.
    figures += [in_mmengine([PSNR()], 1), in_mmengine([PSNR()], 1, False), in_mmengine([PSNR()], 3, False)]
    results.put((rank, figures))
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


def test_two_processes_give_the_figures_of_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    context = get_context("fork")  # what is imported already need not be imported twice more
    results = context.Queue()
    processes = [
        context.Process(target=evaluate_in_process, args=(rank, tmp_path, results)) for rank in range(2)
    ]
    for process in processes:
        process.start()
    figures = sorted((results.get(timeout=30) for _ in processes), key=lambda result: result[0])
    for process in processes:
        process.join()
        assert process.exitcode == 0
    # One image for two processes, too.
    # Up to rounding: linear algebra adds up in another order where arrays lie differently in memory.
    all_of_them, of_one, of_three = (
        pytest.approx(each, rel=1e-9)
        for each in (in_mmengine(metrics()), in_mmengine([PSNR()], 1), in_mmengine([PSNR()], 3))
    )
    assert not os.listdir()  # no folder of results, which each machine would look for
    assert figures == [(rank, [all_of_them, all_of_them, of_one, of_one, of_three]) for rank in range(2)]


def test_values_of_each_image_and_the_options_are_kept():
    metric = PSNR(crop_border=2)
    figures = in_mmengine([metric])
    assert list(metric.values) == ["0", "1", "2"]
    assert sum(values["PSNR"] for values in metric.values.values()) / 3 == pytest.approx(figures["PSNR"])
    assert metric.options == dict(channels="RGB", crop_border=2, rounding="nearest", gt_mean=False)


def test_images_of_one_name_count_one_by_one():
    metric = PSNR()
    metric.process({}, [sample(0), sample(1) | dict(key="0")])
    metric.evaluate(2)
    assert list(metric.values) == ["0", "0 (2)"]


def test_mmagics_test_loop(workspace):
    figures = []
    for loop, evaluator in (("TestLoop", "Evaluator"), ("mmagic.MultiTestLoop", "mmagic.Evaluator")):
        config = Config.fromfile("config.py")
        config.merge_from_dict(
            dict(
                work_dir=loop,
                test_cfg=dict(type=loop),
                test_evaluator=dict(
                    _delete_=True, type=evaluator, metrics=[dict(type="PSNR"), dict(type="SSIM")]
                ),
                load_from="weights.pth",
            )
        )
        config.test_dataloader.update(num_workers=0, persistent_workers=False)
        runner = Runner.from_cfg(config)
        runner.test()  # MMagic's loop returns nothing
        scalars = runner.message_hub.log_scalars
        figures.append([scalars[f"test/{name}"].current() for name in ("PSNR", "SSIM")])
    assert figures[0] == figures[1]
