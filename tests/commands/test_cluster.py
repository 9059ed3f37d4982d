"""`facecli cluster worker`, and the commands that use a cluster: real scheduler, real workers."""

from __future__ import annotations

import csv
import io
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from facecli.cli.analysers import Analysing
from facecli.recognition.analysis.image import AnalysisRequest
from facecli.recognition.engines import engine
from tests.conftest import SAMPLE_DATA, Facecli
from tests.workers.cluster.certificates import Authority, Pem
from tests.workers.cluster.running import Running
from tests.workers.processes import descendants, is_alive

PROBES = SAMPLE_DATA / "probes"
MATCH = ["--purpose", "gate", "--format", "csv"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A scheduler over TLS and two workers of one process each."""
    running = Running(tmp_path_factory.mktemp("cluster"))
    try:
        running.ready(running.facecli_worker(), running.facecli_worker())
        yield running
    finally:
        running.close()


def on(cluster: Running) -> list[str]:
    """The options that name the cluster."""
    return ["--cluster", cluster.address, *cluster.client.options]


def many(folder: Path, count: int) -> Path:
    """A folder with the sample probes again and again, and files that cannot be read."""
    folder.mkdir()
    probes = sorted(PROBES.glob("*.jpg"))
    for number in range(count):
        shutil.copy(probes[number % len(probes)], folder / f"{number:03}.jpg")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and nothing more")
    (folder / "secret.png").write_bytes((PROBES / "gate-1.jpg").read_bytes()[:400])
    return folder


def two_people(folder: Path) -> Path:
    """A folder with a photograph of each of two people."""
    for number in (1, 2):
        (folder / f"{number}").mkdir(parents=True)
        shutil.copy(PROBES / f"gate-{number}.jpg", folder / f"{number}" / "a.jpg")
    return folder


@contextmanager
def stopped(processes: list[subprocess.Popen[bytes]]) -> Iterator[None]:
    """Stop these processes for a while."""
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGCONT)


@pytest.mark.rule("no-network")
def test_rows_are_those_of_the_local_pool(cluster: Running, enrolled: Facecli) -> None:
    folder = many(enrolled.folder / "photos", 20)
    here = enrolled("match", folder, *MATCH)
    there = enrolled("match", folder, *MATCH, *on(cluster))
    assert there.out == here.out
    assert there.code == here.code == 3
    assert there.err == here.err


def test_a_batch_is_enrolled_as_it_is_here(cluster: Running, ready: Facecli) -> None:
    manifest = SAMPLE_DATA / "manifest.csv"
    other = ready.copy(ready.folder / "other")
    batch = ("enroll", "batch", manifest, "--format", "csv")
    here, there = ready(*batch), other(*batch, *on(cluster))
    rows = [list(csv.DictReader(io.StringIO(one.out))) for one in (here, there)]
    for row in (row for table in rows for row in table):
        del row["template_id"]
    assert rows[0] == rows[1]
    assert (here.code, here.err) == (there.code, there.err)
    again = other("enroll", "batch", manifest, "--resume", *on(cluster))
    assert "3 skipped" in again.err


def test_templates_are_the_same_bit_for_bit(cluster: Running) -> None:
    spec = engine.spec("sface")
    requests = [
        AnalysisRequest(str(path), "enrol", keep_photo=True) for path in sorted(PROBES.iterdir())
    ]
    with Analysing().pool(spec) as pool:
        here = list(pool.map(requests))
    with Analysing(cluster=cluster.way).pool(spec) as pool:
        assert list(pool.map(requests)) == here


def test_an_evaluation_is_the_same(cluster: Running, facecli: Facecli) -> None:
    people = facecli.folder / "people"
    for number, image in enumerate(sorted((SAMPLE_DATA / "enrol").glob("*.jpg"))):
        (people / f"{number}").mkdir(parents=True)
        shutil.copy(image, people / f"{number}" / "a.jpg")
        shutil.copy(PROBES / f"gate-{number + 1}.jpg", people / f"{number}" / "b.jpg")
    command = ("evaluate", "--images", people, "--format", "jsonl")
    here = facecli(*command)
    assert facecli(*command, *on(cluster)) == here
    assert here.code == 0


def test_a_run_resumes_on_another_cluster_and_here(
    cluster: Running, enrolled: Facecli, tmp_path: Path
) -> None:
    folder = many(enrolled.folder / "photos", 8)
    whole = enrolled("match", folder, *MATCH).out.splitlines()
    kept = enrolled.folder / "done"
    files = sorted(folder.iterdir())
    rows: list[str] = []

    def resume(images: list[Path], *where: str) -> None:
        done = enrolled("match", *images, *MATCH, "--resume", kept, *where)
        rows.extend(done.out.splitlines()[1:])

    other = Running(tmp_path / "other", tls=False)
    try:
        worker = other.facecli_worker()
        resume(files[:3], *on(cluster))
        other.ready(worker)
        resume(files[:5], "--cluster", other.address)
    finally:
        other.close()
    resume(files[:7])
    resume([folder], *on(cluster))
    assert sorted(rows) == sorted(whole[1:])


def started(command: list[object]) -> subprocess.Popen[bytes]:
    """A command of facecli that runs."""
    return subprocess.Popen(
        [sys.executable, "-m", "facecli", *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_ctrl_c_waits_for_nothing_of_the_cluster(cluster: Running, enrolled: Facecli) -> None:
    folder = many(enrolled.folder / "photos", 400)
    match = ["match", folder, "--purpose", "gate", "--format", "jsonl"]
    process = started([*enrolled.globals, *match, *on(cluster)])
    assert process.stdout is not None
    assert process.stdout.readline()
    [client] = descendants(process.pid)
    with stopped(cluster.processes):  # none of them answers, or does any more work
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130, told  # 1 as soon as it misses the scheduler
        assert not is_alive(client)
    cluster.await_no_task()


def test_ctrl_c_ends_the_wait_for_a_scheduler(enrolled: Facecli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        way = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        match = ["match", PROBES, "--purpose", "gate", "--cluster", way]
        process = started([*enrolled.globals, *match])
        connection, _ = silent.accept()  # Dask's client waits for a greeting now
        with connection:
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told  # 1 as soon as it has waited for long enough


def test_ctrl_c_ends_the_wait_for_workers(cluster: Running, facecli: Facecli) -> None:
    people = two_people(facecli.folder / "people")
    evaluate = ["evaluate", "--images", people, "--engine", "dlib", "--cluster-wait", 86400]
    process = started([*facecli.globals, *evaluate, *on(cluster)])
    assert process.stderr is not None
    waiting_for = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert waiting_for.decode() == (
        "The cluster has no worker that fits yet. Waiting for one, at most 86400 s.\n"
    )


def test_two_commands_share_a_cluster(cluster: Running, enrolled: Facecli) -> None:
    folder = many(enrolled.folder / "photos", 6)
    other = enrolled.copy(enrolled.folder / "other")
    whole = enrolled("match", folder, *MATCH).out
    both = [
        started([*one.globals, "match", folder, *MATCH, *on(cluster)]) for one in (enrolled, other)
    ]
    assert [process.communicate(timeout=120)[0].decode() for process in both] == [whole, whole]


# -- refused ------------------------------------------------------------------------------


def test_an_engine_that_the_workers_do_not_have_is_refused(
    cluster: Running, facecli: Facecli
) -> None:
    people = two_people(facecli.folder / "people")
    command = ("evaluate", "--images", people, "--engine", "dlib", "--cluster-wait", 0)
    done = facecli(*command, *on(cluster))
    assert done.code == 1
    assert "its workers have facecli" in done.err
    assert "dlib" in done.err


@pytest.mark.parametrize("command", ["enroll batch m.csv", "match x --purpose gate", "evaluate"])
@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["tcp://10.0.0.1:8786"], 1, "unencrypted"),
        (["tls://10.0.0.1:8786"], 2, "--cluster-ca"),
        (["nonsense"], 2, "tls://HOST:PORT"),
        (["tcp://127.0.0.1:1", "--workers", "2"], 2, "not both"),
    ],
)
def test_a_cluster_that_cannot_be_meant_is_refused(
    ready: Facecli, command: str, options: list[str], code: int, words: str
) -> None:
    done = ready(*command.split(), "--cluster", *options)
    assert done.code == code
    assert words in done.err


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("tcp://10.0.0.1:8786", 1, "unencrypted"),
        ("tls://127.0.0.1:1", 2, "--cluster-ca"),
        ("here", 2, "tls://HOST:PORT"),
    ],
)
def test_a_worker_refuses_such_an_address(
    facecli: Facecli, address: str, code: int, words: str
) -> None:
    done = facecli("cluster", "worker", address)
    assert done.code == code
    assert words in done.err


def test_a_worker_refuses_an_unknown_engine(facecli: Facecli) -> None:
    assert facecli("cluster", "worker", "tcp://127.0.0.1:1", "--engine", "magic").code == 21


@pytest.mark.parametrize("wrong", ["authority", "certificate"])
def test_a_worker_with_a_foreign_certificate_says_so(
    cluster: Running, facecli: Facecli, tmp_path: Path, wrong: str
) -> None:
    """Dask alone tries for a minute, and names a time that is over."""
    ours, foreign = cluster.client, Authority(tmp_path / "foreign", "foreign").sign("worker")
    pem = {
        "authority": Pem(foreign.ca, ours.cert, ours.key),
        "certificate": Pem(ours.ca, foreign.cert, foreign.key),
    }[wrong]
    done = facecli.process("cluster", "worker", cluster.address, *pem.options)
    assert (done.code, done.out) == (1, "")
    assert "one side does not accept the certificate of the other" in done.err
    assert done.err.count("\n") == 1, done.err


def test_a_worker_waits_for_its_scheduler_until_it_is_told_to_end(facecli: Facecli) -> None:
    worker = started(["cluster", "worker", "tcp://127.0.0.1:1"])
    assert worker.stderr is not None
    assert worker.stderr.readline() == (
        b"tcp://127.0.0.1:1 does not answer yet. Waiting for it, at most 60 s.\n"
    )
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=60)
    assert worker.returncode == 0


def test_an_absent_scheduler_changes_nothing(ready: Facecli) -> None:
    done = ready(
        *("enroll", "batch", SAMPLE_DATA / "manifest.csv", "--cluster", "tcp://127.0.0.1:1")
    )
    assert (done.code, done.out) == (1, "")
    assert "nothing answers there" in done.err
    assert ready("status").code == 0
