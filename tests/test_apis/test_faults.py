import errno
import os
from multiprocessing import Pipe

import pytest

from mmlle.apis.faults import RunFaultError, explained_faults
from mmlle.utils.errors import UserError


def explained(error):
    with pytest.raises(RunFaultError) as caught, explained_faults():
        raise error
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("DataLoader worker (pid 4711) is killed by signal: Killed. ", "killed by a signal (Killed)"),
        ("DataLoader worker (pid(s) 4711, 4712) exited unexpectedly", "ended unexpectedly"),
    ],
)
def test_the_end_of_a_worker(text, how):
    message = explained(RuntimeError(text))
    assert "process 4711" in message
    assert how in message
    assert "num_workers=1" in message


def test_a_worker_that_ends_while_it_sends_a_batch():
    ours, the_workers = Pipe()
    the_workers.close()
    with (
        pytest.raises(RunFaultError, match="A worker of a data loader ended unexpectedly"),
        explained_faults(),
    ):
        ours.recv()
    with pytest.raises(EOFError), explained_faults():
        raise EOFError("of a file")


def test_also_where_it_interrupted_something_that_made_another_error_of_it():
    """MMEngine formats the config for each checkpoint, and calls whatever happens then a SyntaxError."""

    def save():
        try:
            raise RuntimeError("DataLoader worker (pid 4711) is killed by signal: Killed. ")
        except RuntimeError as error:
            raise SyntaxError("Failed to format the config file") from error

    with pytest.raises(RunFaultError, match="process 4711"), explained_faults():
        save()


@pytest.mark.parametrize(
    "text",
    [
        "[../third_party/gloo/gloo/transport/tcp/pair.cc:534] Connection closed by peer [127.0.1.1]:1",
        "[../third_party/gloo/gloo/transport/tcp/buffer.cc:72] Timed out waiting 1800000ms",
        "NCCL communicator was aborted on rank 1.",
    ],
)
def test_the_end_of_another_process(text):
    assert explained(RuntimeError(text)).startswith("Another process of this run ended")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_cannot_be_written(number):
    message = explained(OSError(number, os.strerror(number), "run/scalars.json"))
    assert message.startswith(f"run/scalars.json could not be read or written: {os.strerror(number)}")


@pytest.mark.parametrize("error", [RuntimeError("a fault"), KeyError("x"), OSError(errno.EBADF, "a fault")])
def test_a_fault_in_the_program_stays_what_it_is(error):
    with pytest.raises(type(error)) as caught, explained_faults():
        raise error
    assert caught.value is error


def test_errors_that_are_clear_stay_too():
    with pytest.raises(UserError, match="^clear$"), explained_faults():
        raise UserError("clear")
