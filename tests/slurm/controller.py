"""A Slurm of one machine: Debian's packages, munge, a controller and a node that are started and stopped here.

The node claims more memory than there is and a GPU that does not exist, so that the jobs of profiles/slurm fit on it;
nothing enforces either.
"""

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIG = Path("/etc/slurm/slurm.conf")
"""Not elsewhere: the variable SLURM_CONF does not reach the srun of the executor's job step."""
MARK = "# Written by the tests of instmove."
MUNGE = Path("/run/munge")


@contextmanager
def slurm(state: Path) -> Iterator[None]:
    """Slurm for the length of the block; ``state`` is an empty folder for its own files. Needs root on Debian."""
    install()
    state.mkdir(parents=True)
    if CONFIG.exists() and not CONFIG.read_text().startswith(MARK):
        raise SystemExit(f"{CONFIG}: a Slurm that is not ours; this test wants a machine without one")
    CONFIG.write_text(configuration(state))
    CONFIG.with_name("gres.conf").write_text(f"{MARK}\nName=gpu File=/dev/null\n")
    try:
        start_munge()
        run("slurmctld")
        run("slurmd")
        wait_for_node()
        yield
    finally:
        stop(state)
        CONFIG.unlink()
        CONFIG.with_name("gres.conf").unlink()


def install() -> None:
    """Slurm and munge as Debian has them, unless they are there."""
    if shutil.which("slurmctld") is None or shutil.which("munged") is None:
        run("apt-get", "update", "-q")
        run("apt-get", "install", "-y", "-q", "slurm-wlm", "munge")


def configuration(state: Path) -> str:
    """One node, two partitions, no accounting and no control groups."""
    host = platform.node()
    settings = {
        "ClusterName": "test",
        "SlurmctldHost": f"{host}(127.0.0.1)",
        "SlurmUser": "root",
        "SlurmdUser": "root",
        "AuthType": "auth/munge",
        "AuthInfo": "cred_expire=5",
        "ProctrackType": "proctrack/linuxproc",
        "TaskPlugin": "task/none",
        "SelectType": "select/cons_tres",
        "SelectTypeParameters": "CR_Core_Memory",
        "GresTypes": "gpu",
        "SlurmdParameters": "config_overrides",
        "ReturnToService": "2",
        "AccountingStorageType": "accounting_storage/none",
        "JobAcctGatherType": "jobacct_gather/none",
        "KillWait": "5",
        "StateSaveLocation": f"{state}/controller",
        "SlurmdSpoolDir": f"{state}/node",
        "SlurmctldPidFile": f"{state}/slurmctld.pid",
        "SlurmdPidFile": f"{state}/slurmd.pid",
        "SlurmctldLogFile": f"{state}/slurmctld.log",
        "SlurmdLogFile": f"{state}/slurmd.log",
    }
    lines = [f"{name}={value}" for name, value in settings.items()]
    node = f"NodeName={host} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} RealMemory=512000 Gres=gpu:1 State=UNKNOWN"
    partitions = [
        f"PartitionName={name} Nodes={host} Default={default} State=UP"
        for name, default in (("cpu", "YES"), ("gpu", "NO"))
    ]
    return "\n".join([MARK, *lines, node, *partitions, ""])


def start_munge() -> None:
    """Start munged with the key that the package made, unless it runs."""
    if subprocess.run(["munge", "-n"], check=False, capture_output=True).returncode:
        MUNGE.mkdir(exist_ok=True)
        shutil.chown(MUNGE, "munge", "munge")
        run("runuser", "-u", "munge", "--", "munged")


def wait_for_node(seconds: float = 60) -> None:
    """Until the node is idle."""
    end = time.monotonic() + seconds
    while "idle" not in (said := run("sinfo", "--noheader", "--format=%T", quiet=True)):
        if time.monotonic() > end:
            raise SystemExit(f"the node is {said.strip()} after {seconds} s")
        time.sleep(1)


def stop(state: Path) -> None:
    """End the jobs, then the node and the controller by the ids that they left."""
    subprocess.run(["scancel", "--user", "root"], check=False)
    time.sleep(2)
    for name in ("slurmd", "slurmctld"):
        file = state / f"{name}.pid"
        if file.exists():
            subprocess.run(["kill", file.read_text().strip()], check=False)
    time.sleep(2)


def run(*command: str, quiet: bool = False) -> str:
    """Run it; what it printed. A failure ends the test."""
    done = subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode and not quiet:
        raise SystemExit(f"{' '.join(command)}: ended with {done.returncode}:\n{done.stdout}")
    return done.stdout
