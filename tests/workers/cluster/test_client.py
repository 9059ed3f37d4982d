"""Dask's client in its own process: what is wrong with a scheduler, and what the process may do."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from facecli.errors.workers import ClusterFailed, NotEncrypted
from facecli.workers.cluster.access import Access, access
from facecli.workers.cluster.client import Client
from facecli.workers.cluster.lots import Turn
from tests import waiting
from tests.workers.cluster.running import Running
from tests.workers.cluster.serving import identity
from tests.workers.processes import children_from_now_on, is_alive

NOBODY = "facecli 0 nobody 000000000000"


@contextmanager
def server(answer: Callable[[socket.socket], object]) -> Iterator[int]:
    """A server on a port of this machine that treats each connection so."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield int(listening.getsockname()[1])
        listening.shutdown(socket.SHUT_RDWR)


def refusal(way: Access, seconds: float = 10) -> str:
    """The sentence about a scheduler that cannot be used."""
    with Client(way, NOBODY, seconds) as client, pytest.raises(ClusterFailed) as raised:
        client.take(Turn())
    return str(raised.value)


def trouble(client: Client) -> str:
    """What is wrong now; an empty text if nothing is."""
    try:
        client.take(Turn(wait=0.01))
    except ClusterFailed as error:
        return str(error)
    return ""


def at(port: int, way: Access) -> Access:
    """The same way to another port of this machine."""
    return Access("127.0.0.1", port, way.certificates)


def test_a_host_that_is_not_there(cluster: Running) -> None:
    way = Access("no-such-host.invalid", 1, cluster.way.certificates)
    with pytest.raises(ClusterFailed, match="no host of that name"):
        Client(way, NOBODY, 5)


def test_a_missing_certificate_is_found_before_anything_starts(cluster: Running) -> None:
    pem = cluster.client
    way = access(cluster.address, str(pem.ca), str(pem.cert), f"{pem.key}.gone")
    with pytest.raises(ClusterFailed, match="no such file"):
        Client(way, NOBODY, 5)


def test_a_name_that_leads_elsewhere_is_not_reached_without_tls() -> None:
    with pytest.raises(NotEncrypted):
        Client(Access("8.8.8.8", 8786, None), NOBODY, 5)


def test_a_server_without_tls_is_named(cluster: Running) -> None:
    with server(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.9\r\n")) as port:
        assert "does not use TLS" in refusal(at(port, cluster.way))


def test_a_server_that_closes_the_connection_is_no_scheduler() -> None:
    with server(lambda _: None) as port:
        assert "no scheduler of Dask" in refusal(Access("127.0.0.1", port, None))


def test_a_server_of_another_kind_is_no_scheduler() -> None:
    with server(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        assert "no scheduler of Dask" in refusal(Access("127.0.0.1", port, None), 1)


def test_a_scheduler_of_another_version_is_refused(tmp_path: Path) -> None:
    older = tmp_path / "older.py"
    older.write_text(
        "def stated(packages):\n"
        "    return {'host': {}, 'packages': {'distributed': '2020.1.0'}}\n"
        "from distributed import node\n"
        "node.get_versions = stated\n"
    )
    running = Running(tmp_path, "--preload", str(older), tls=False)
    try:
        text = refusal(access(running.address, None, None, None))
    finally:
        running.close()
    assert "`distributed` 2020.1.0 instead of" in text
    assert "pip install" in text


def test_a_scheduler_that_ends_in_between_is_lost(tmp_path: Path) -> None:
    running = Running(tmp_path, tls=False)
    try:
        with Client(access(running.address, None, None, None), NOBODY, 30) as client:
            assert client.take(Turn()).threads == 0
            running.scheduler.kill()
            running.scheduler.wait()
            waiting.until(lambda: "its scheduler was lost" in trouble(client))
    finally:
        running.close()


def test_the_process_holds_nothing_of_its_parent_and_is_sealed(cluster: Running) -> None:
    started = children_from_now_on()
    with Client(cluster.way, identity("digest").text, 30) as client:
        assert client.take(Turn()).threads == 2
        [pid] = started()
        status = Path(f"/proc/{pid}/status").read_text()
        if "Seccomp:\t0" in Path("/proc/self/status").read_text():
            assert "Seccomp:\t2" in status
        for task in Path(f"/proc/{pid}/task").iterdir():  # Dask's thread too
            assert (task / "status").read_text().count("Seccomp:\t2") == 1
    waiting.until(lambda: not is_alive(pid))


def test_closing_twice_ends_the_process_once(cluster: Running) -> None:
    started = children_from_now_on()
    client = Client(cluster.way, NOBODY, 10)
    [pid] = started()
    client.close()
    client.close()
    assert not is_alive(pid)
    assert os.getpid()
