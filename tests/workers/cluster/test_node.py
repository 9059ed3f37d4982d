"""A worker of a cluster as a process: what it leaves behind, and that it ends when told to."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from facecli.workers import wire
from facecli.workers.answers import Failure
from facecli.workers.cluster import node
from facecli.workers.cluster.lots import LOT, Outcome
from facecli.workers.cluster.pool import ClusterPool
from tests import waiting
from tests.workers.cluster.jobs import HANG, SLOW, Digest, Word, digest_worker
from tests.workers.cluster.running import Running
from tests.workers.cluster.serving import identity
from tests.workers.processes import descendants, holds, is_alive

ENDS = 20  # seconds, on a machine that is busy


@pytest.fixture(scope="module")
def idle(cluster: Running) -> Iterator[tuple[Running, subprocess.Popen[bytes]]]:
    """A cluster, and a worker of it that nobody else gives work to."""
    worker = cluster.worker("idle")
    cluster.ready(worker)
    yield cluster, worker
    worker.terminate()


def folders(worker: subprocess.Popen[bytes]) -> list[str]:
    """The folders of a worker in memory."""
    return [name for name in os.listdir("/dev/shm") if name.startswith(f"facecli-{worker.pid}-")]


def test_a_busy_worker_ends_when_it_is_told_to(cluster: Running) -> None:
    worker = cluster.worker("told")
    cluster.ready(worker)
    assert not folders(worker)  # nor would one be left if it were killed
    children = descendants(worker.pid)
    assert children
    with ClusterPool(digest_worker, identity("told"), cluster.way, wait=120) as pool:
        next(pool.map(Word(f"{number}", SLOW + b"%d" % number) for number in range(999)))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(ENDS) == 0
    waiting.until(lambda: not any(map(is_alive, children)))
    assert "This worker ends." in cluster.output(worker)
    assert not folders(worker)


def test_workers_end_with_their_scheduler(tmp_path: Path) -> None:
    """One has nothing to do, the other an image that never ends."""
    running = Running(tmp_path)
    try:
        workers = idle, busy = running.worker(), running.worker("busy")
        running.ready(*workers)
        children = [child for worker in workers for child in descendants(worker.pid)]
        words = [Word("a", b"a")] * LOT + [Word("b", HANG)]
        with ClusterPool(digest_worker, identity("busy"), running.way, wait=120) as pool:
            next(pool.map(words))
            running.scheduler.send_signal(signal.SIGKILL)
            assert (idle.wait(ENDS), busy.wait(ENDS)) == (0, 0)
        waiting.until(lambda: not any(map(is_alive, children)))
        assert "The scheduler has ended" in running.output(idle)
        assert "ERROR" not in running.output(idle)
        assert not folders(idle) + folders(busy)
    finally:
        running.close()


def test_a_worker_opens_no_port_but_its_own_and_writes_no_file(cluster: Running) -> None:
    worker = cluster.worker("quiet")
    cluster.ready(worker)
    listening = subprocess.run(
        ["ls", "-l", f"/proc/{worker.pid}/fd"], capture_output=True, text=True, check=True
    ).stdout
    sockets = {line.rpartition("socket:[")[2].rstrip("]") for line in listening.splitlines()}
    tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    own = [line.split() for table in tables for line in table if line.split()[9] in sockets]
    assert len([entry for entry in own if entry[3] == "0A"]) == 1  # it listens for other workers
    named = [line.partition(" -> ")[2] for line in listening.splitlines()]
    written = [name for name in named if name.startswith("/") and not Path(name).is_char_device()]
    assert written == [str(cluster.folder / f"output-{cluster.processes.index(worker)}.txt")] * 2
    worker.terminate()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="freed memory stays as it is")
@pytest.mark.parametrize("size", [2_000, 30_000, 300_000])
def test_no_picture_stays_in_the_memory_of_a_worker(
    idle: tuple[Running, subprocess.Popen[bytes]], size: int
) -> None:
    cluster, worker = idle
    mark = os.urandom(32)
    assert holds(os.getpid(), mark)
    tasks = [Word(f"{number}", mark * (size // 32) + b"%d" % number) for number in range(20)]
    with ClusterPool(digest_worker, identity("idle"), cluster.way, wait=120) as pool:
        assert all(isinstance(found, Digest) for _, found in pool.map(tasks))
        for pid in (worker.pid, *descendants(worker.pid)):
            waiting.until(lambda pid=pid: not holds(pid, mark), within=20)  # type: ignore[misc]


def test_what_is_not_started_by_facecli_refuses_a_lot() -> None:
    assert node.answer("facecli 1 sface 000000000000", b"never unpickled") == b""


@pytest.mark.parametrize(
    ("outcome", "failed", "content"),
    [
        (Failure("failed", "why"), True, wire.pack(("failed", "why"))),
        (Digest("a", "b"), False, wire.pack(Digest("a", "b"))),
    ],
)
def test_outcomes_travel_as_plain_data(outcome: object, failed: bool, content: bytes) -> None:
    assert node.packed(outcome) == Outcome(failed, content)
