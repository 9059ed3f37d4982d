"""The greeting of a scheduler: what is wrong where there is none."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from facecli.workers.cluster.access import Access
from facecli.workers.cluster.greeting import greeted
from facecli.workers.cluster.tls import security
from tests.workers.cluster.certificates import Authority, Pem
from tests.workers.cluster.running import Running
from tests.workers.cluster.test_client import at, server


def kind(way: Access, seconds: float = 10) -> str | None:
    """The kind of trouble with a scheduler."""
    context = security(way, "worker").get_connection_args("worker").get("ssl_context")
    found = asyncio.run(greeted(way, context, seconds))
    return None if found is None else found.kind


def test_a_scheduler_greets(cluster: Running) -> None:
    assert kind(cluster.way) is None


@pytest.mark.parametrize("wrong", ["authority", "certificate"])
def test_a_certificate_is_refused_by_this_side_or_by_the_other(
    cluster: Running, tmp_path: Path, wrong: str
) -> None:
    ours, foreign = cluster.client, Authority(tmp_path, "foreign").sign("worker")
    mixed = {
        "authority": Pem(foreign.ca, ours.cert, ours.key),
        "certificate": Pem(ours.ca, foreign.cert, foreign.key),
    }
    assert kind(cluster.way_with(mixed[wrong])) == "certificate"


def test_a_server_without_tls(cluster: Running) -> None:
    with server(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.9\r\n")) as port:
        assert kind(at(port, cluster.way)) == "plain"


def test_a_server_that_closes_the_connection() -> None:
    with server(lambda _: None) as port:
        assert kind(Access("127.0.0.1", port, None)) == "not-dask"


def test_a_server_that_is_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert kind(Access("127.0.0.1", silent.getsockname()[1], None), 0.1) == "late"


def test_a_port_without_a_server() -> None:
    assert kind(Access("127.0.0.1", 1, None)) == "absent"
