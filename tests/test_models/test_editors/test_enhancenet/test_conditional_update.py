import pytest
import torch

from mmlle.models.editors.enhancenet.conditional_update import ConditionalUpdate


def logits(*probabilities):
    return torch.tensor(probabilities).logit().view(-1, 1)


#: Probabilities given to real images to be real, and to generated images to be generated; whether the
#: discriminator is trained in the step after, with thresholds 0.8 and 0.7.
SCRIPT = [
    ((0.5, 0.5), (0.5, 0.5), True),
    ((0.9, 0.9), (0.9, 0.9), False),
    ((0.7, 0.7), (0.9, 0.9), True),
    ((0.9, 0.9), (0.6, 0.6), True),
    ((0.6, 0.99), (0.9, 0.9), True),
    ((0.7, 0.92), (0.5, 0.92), False),
]


def test_a_scripted_sequence():
    update = ConditionalUpdate(0.8, 0.7)
    assert update.due()  # before the first batch
    for real, fake, due in SCRIPT:
        update.record(logits(*real), -logits(*fake))
        expected = [sum(real) / 2, sum(fake) / 2]
        assert update.performance.tolist() == pytest.approx(expected)
        assert update.due() is due, (real, fake)


def test_both_thresholds_must_be_reached_exactly():
    update = ConditionalUpdate(0.5, 0.5)
    update.record(torch.zeros(2, 1), torch.zeros(2, 1))
    assert not update.due()
    update.record(torch.zeros(2, 1), torch.full((2, 1), 1e-3))
    assert update.due()


def test_above_one_it_is_always_due():
    update = ConditionalUpdate(1.1, 0)
    update.record(torch.full((1, 1), 100.0), torch.full((1, 1), -100.0))
    assert update.performance.tolist() == [1, 1]
    assert update.due()


@pytest.mark.parametrize("cut", range(1, len(SCRIPT)))
def test_resuming_decides_alike(cut):
    before = ConditionalUpdate(0.8, 0.7)
    for real, fake, due in SCRIPT[:cut]:
        before.record(logits(*real), -logits(*fake))
        expected = due
    after = ConditionalUpdate(0.8, 0.7)
    after.load_state_dict(before.state_dict())
    assert after.due() is expected
    for real, fake, due in SCRIPT[cut:]:
        after.record(logits(*real), -logits(*fake))
        assert after.due() is due


def test_it_records_without_gradient_and_in_single_precision():
    update = ConditionalUpdate(0.8, 0.7)
    scores = torch.full((2, 1), 2.0, dtype=torch.bfloat16, requires_grad=True)
    update.record(scores, scores)
    assert update.performance.dtype == torch.float32
    assert not update.performance.requires_grad
    expected = torch.tensor(2.0).sigmoid()
    assert update.performance.tolist() == pytest.approx([expected.item(), 1 - expected.item()])
    assert not list(update.parameters())


def run_process(rank, folder):
    """One of two processes that see different batches."""
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2
    )
    update = ConditionalUpdate(0.8, 0.7)
    decisions = []
    for real, fake, _ in SCRIPT:
        # Each process sees one image of a pair.
        update.record(logits(real[rank]), -logits(fake[rank]))
        decisions.append(update.due())
    torch.save((decisions, update.performance), f"{folder}/{rank}.pth")
    torch.distributed.destroy_process_group()


@pytest.mark.slow
def test_two_processes_decide_alike_by_all_images(tmp_path):
    torch.multiprocessing.spawn(run_process, (str(tmp_path),), nprocs=2)
    (first, own), (second, other) = (torch.load(tmp_path / f"{rank}.pth") for rank in (0, 1))
    assert first == second == [due for *_, due in SCRIPT]
    assert torch.equal(own, other)
