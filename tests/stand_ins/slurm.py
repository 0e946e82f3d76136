"""A stand-in for Slurm on one machine: ``python slurm.py COMMAND ...``, as ``sbatch``, ``srun`` and so on.

It does what Slurm's manual says of the options that are used here, and refuses others. Its nodes are
addresses of this machine, 127.0.0.1, 127.0.0.2, ...; they share its folders. What it knows of a job is in a
folder of ``FAKE_SLURM``: the script as it was when it was submitted, the numbers of its processes, its state.
There are no limits of time: whoever plays the scheduler sends the signals with ``scancel``.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

STATE = Path(os.environ["FAKE_SLURM"])
PATIENCE = 30  # seconds between SIGTERM and SIGKILL (KillWait)


def new_job():
    """Make the folder of a job; its name is the job's number."""
    STATE.mkdir(parents=True, exist_ok=True)
    job = STATE / str(1 + max((int(path.name) for path in STATE.iterdir()), default=100))
    job.mkdir()
    return job


def set_state(job, state):
    """Note where a job is, so that whoever looks finds the old state or the new one."""
    (job / "next").write_text(state)
    (job / "next").rename(job / "state")


def node_list(nodes):
    """Name nodes as Slurm does."""
    return f"127.0.0.[1-{nodes}]" if nodes > 1 else "127.0.0.1"


def allocation(parser):
    """Add the options that sbatch and srun share."""
    parser.add_argument("--job-name", "-J", default="job")
    parser.add_argument("--partition", "-p")
    parser.add_argument("--nodes", "-N", type=int)
    parser.add_argument("--ntasks", "-n", type=int)
    parser.add_argument("--ntasks-per-node", type=int)
    parser.add_argument("--cpus-per-task", "-c", type=int)
    parser.add_argument("--gres")
    parser.add_argument("--time", "-t")


def batch_options(arguments):
    """Read the options of sbatch: those of the command line, and before them those of the script."""
    parser = argparse.ArgumentParser("sbatch", allow_abbrev=False)
    allocation(parser)
    parser.add_argument("--output", "-o", default="slurm-%j.out")
    parser.add_argument("--open-mode", choices=["append", "truncate"], default="truncate")
    parser.add_argument("--signal", type=re.compile(r"(B:)?(\w+)@(\d+)").fullmatch)
    parser.add_argument("--requeue", action="store_true")
    parser.add_argument("script")
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    script = parser.parse_args(arguments).script
    lines = re.findall(r"^#SBATCH (.*?)(?: +#.*)?$", Path(script).read_text(), re.MULTILINE)
    return parser.parse_args([*(word for line in lines for word in line.split()), *arguments])


def sbatch(*arguments):
    """Submit a script: a copy of it runs, in the folder that this was called in."""
    options = batch_options(arguments)
    job = new_job()
    shutil.copy2(options.script, job / "slurm_script")
    set_state(job, "PENDING")
    subprocess.Popen(
        [sys.executable, __file__, "control", job.name, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    print(f"Submitted batch job {job.name}")


def control(number, *arguments):
    """Run the script of a job, again whenever it was requeued."""
    options = batch_options(arguments)
    job = STATE / number
    per_node = options.ntasks_per_node or 1
    nodes = options.nodes or -(-(options.ntasks or 1) // per_node)
    names = node_list(nodes)
    output = options.output.replace("%j", number).replace("%x", options.job_name)
    for restarts in range(1000):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SLURM_")}
        environment |= dict(
            SLURM_JOB_ID=number,
            SLURM_JOB_NAME=options.job_name,
            SLURM_JOB_NUM_NODES=str(nodes),
            SLURM_JOB_NODELIST=names,
            SLURM_NODELIST=names,
            SLURM_NTASKS=str(options.ntasks or nodes * per_node),
            SLURM_NTASKS_PER_NODE=str(per_node),
            SLURM_SUBMIT_DIR=os.getcwd(),
        )
        if restarts:
            environment["SLURM_RESTART_COUNT"] = str(restarts)
        with open(output, "ab" if restarts and options.open_mode == "append" else "wb") as file:
            script = [job / "slurm_script", *options.rest]
            set_state(job, "RUNNING")
            process = subprocess.Popen(
                ["bash", *script], env=environment, stdout=file, stderr=file, start_new_session=True
            )
            (job / "batch").write_text(str(process.pid))
            status = process.wait()
        (job / "batch").unlink()
        if not (job / "requeue").exists():
            break
        (job / "requeue").unlink()
    cancelled = (job / "cancelled").exists()
    set_state(job, "CANCELLED" if cancelled else "FAILED" if status else "COMPLETED")


def srun(*arguments):
    """Start the tasks of a step, and end them all when one of them fails, if that is asked for."""
    parser = argparse.ArgumentParser("srun", allow_abbrev=False)
    allocation(parser)
    parser.add_argument("--chdir", "-D", type=Path)
    parser.add_argument("--kill-on-bad-exit", "-K", type=int, nargs="?", const=1, default=0)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    outside = "SLURM_JOB_ID" not in os.environ  # then the step has an allocation of its own
    job = new_job() if outside else STATE / os.environ["SLURM_JOB_ID"]
    step = sum(1 for _ in job.glob("step_*"))
    per_node = options.ntasks_per_node or int(os.environ.get("SLURM_NTASKS_PER_NODE", 1))
    tasks = options.ntasks or int(os.environ.get("SLURM_NTASKS", 1))
    nodes = -(-tasks // per_node)
    folder = job / f"step_{step}"
    folder.mkdir()
    if outside:
        os.environ.update(SLURM_JOB_ID=job.name, SLURM_NODELIST=node_list(nodes))
    processes = []
    for number in range(tasks):
        environment = dict(
            os.environ,
            SLURM_PROCID=str(number),
            SLURM_LOCALID=str(number % per_node),
            SLURM_NODEID=str(number // per_node),
            SLURM_NTASKS=str(tasks),
            SLURM_STEP_ID=str(step),
            SLURM_STEP_NUM_TASKS=str(tasks),
            SLURM_STEP_NODELIST=node_list(nodes),
            SLURMD_NODENAME=f"127.0.0.{number // per_node + 1}",
        )
        process = subprocess.Popen(options.command, env=environment, cwd=options.chdir)
        (folder / str(process.pid)).touch()
        processes.append(process)

    def end_all(*_):
        for process in processes:
            with suppress(ProcessLookupError):
                process.kill()

    # Slurm's passes SIGUSR1 and the like on, but ends the step at once on these.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end_all)
    statuses = {}
    while len(statuses) < tasks:
        time.sleep(0.02)
        for number, process in enumerate(processes):
            if number not in statuses and process.poll() is not None:
                status = process.returncode
                statuses[number] = status if status >= 0 else 128 - status
                (folder / str(process.pid)).unlink()
                if status and options.kill_on_bad_exit:
                    end_all()
    sys.exit(max(statuses.values()))


def scancel(*arguments):
    """Signal the tasks of a job; its script as well or alone if asked for, or without a signal all of it."""
    parser = argparse.ArgumentParser("scancel", allow_abbrev=False)
    parser.add_argument("--signal", "-s", type=lambda name: signal.Signals[f"SIG{name}"])
    parser.add_argument("--batch", "-b", action="store_true")
    parser.add_argument("--full", "-f", action="store_true")
    parser.add_argument("job")
    options = parser.parse_args(arguments)
    job = STATE / options.job

    def send(number, batch, tasks):
        pids = [path.name for path in job.glob("step_*/*")] if tasks else []
        if batch and (job / "batch").exists():
            pids.append((job / "batch").read_text())
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(int(pid), number)
        return pids

    if options.signal is not None:
        send(options.signal, options.batch or options.full, not options.batch)
        return
    (job / "cancelled").touch()
    send(signal.SIGTERM, True, True)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and list(job.glob("step_*/*")):
        time.sleep(0.1)
    send(signal.SIGKILL, True, True)


def scontrol(verb, *arguments):
    """``show hostnames LIST``, or ``requeue JOB``, which ends what still runs of it."""
    if verb == "requeue":
        (job,) = arguments
        (STATE / job / "requeue").touch()
        scancel("--signal=KILL", "--full", job)
        return
    kind, nodes = arguments
    assert (verb, kind) in (("show", "hostname"), ("show", "hostnames")), (verb, kind)
    prefix, first, last = re.fullmatch(r"(.*?)(?:\[(\d+)-(\d+)\])?", nodes).groups()
    names = [prefix] if first is None else [f"{prefix}{i}" for i in range(int(first), int(last) + 1)]
    # At once: MMEngine reads the first line alone, and takes what goes wrong after it for a part of the name.
    sys.stdout.write("".join(f"{name}\n" for name in names))


if __name__ == "__main__":
    commands = dict(sbatch=sbatch, control=control, srun=srun, scancel=scancel, scontrol=scontrol)
    commands[sys.argv[1]](*sys.argv[2:])
