"""A witness written by others cosigns over loopback, and its tools check facecli's cosignatures.

They are `aics-witness` and `aics-tlog` of the package index; `make test-witness` gets them.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from facecli.audit import notes
from facecli.audit.checkpoints import Statement
from facecli.audit.witnesses import WitnessKey

aics_tlog = pytest.importorskip("aics_tlog", reason="aics-tlog is not installed")
pytest.importorskip("aics_witness", reason="aics-witness is not installed")

CONFLICT, UNPROCESSABLE = 409, 422


class Witness:
    """A running witness of one log."""

    def __init__(self, vkey: str, folder: Path) -> None:
        from aics_witness.config import LogConfig
        from aics_witness.service import Witness as Service
        from aics_witness.service import WitnessHTTPServer
        from aics_witness.store import WitnessStore

        key = aics_tlog.parse_vkey(vkey)
        store = WitnessStore(folder / "witness.db", create=True)
        private = Ed25519PrivateKey.generate()
        service = Service("witness.example", private, store, [LogConfig(key.name, (key,))])
        self.vkey = service.vkey_text
        self._server = WitnessHTTPServer(("127.0.0.1", 0), service)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def add(self, link: str) -> tuple[int, str]:
        """Send a link as the body of add-checkpoint: the status, and the answer."""
        connection = http.client.HTTPConnection(*self._server.server_address[:2])
        connection.request("POST", "/add-checkpoint", link.encode())
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def log(ready: Any, tmp_path: Path) -> Any:
    ready.trust_key = ready("log", "checkpoint", "--trust-key").out.strip()
    ready.vkey = ready("log", "checkpoint", "--vkey").out.strip()
    ready.seal = tmp_path / "seal"
    return ready


@pytest.fixture
def witness(log: Any, tmp_path: Path) -> Iterator[Witness]:
    running = Witness(log.vkey, tmp_path)
    yield running
    running.close()


def _first(log: Any) -> str:
    """The link from the empty log: a first checkpoint needs no proof."""
    assert log("log", "checkpoint", "--output", log.seal).code == 0
    return f"old 0\n\n{log.seal.read_text()}"


def _next(log: Any) -> str:
    log("subject", "add", f"A-{log.seal.stat().st_mtime_ns}")
    done = log("log", "checkpoint", "--since", log.seal)
    assert done.code == 0, done.err
    log.seal.write_text(done.out.partition("\n\n")[2])
    return str(done.out)


def test_it_cosigns_what_goes_on_and_refuses_replays_and_forks(log: Any, witness: Witness) -> None:
    first = _first(log)
    status, line = witness.add(first)
    assert status == 200, line
    early, database = log.seal.read_bytes(), log.db.read_bytes()
    second = _next(log)
    status, line = witness.add(second)
    assert status == 200, line
    log.seal.write_text(log.seal.read_text() + line)
    words = ("--checkpoint", log.seal, "--witness", witness.vkey, "--trust-key", log.trust_key)
    out = log.folder / "log.jsonl"
    assert log("log", "export", "--output", out).code == 0
    done = log.bare("log", "verify", out, *words)
    assert (done.code, "Cosigned by the witnesses" in done.out) == (0, True), done.err
    assert witness.add(first)[0] == CONFLICT  # an older state
    log.db.write_bytes(database)
    log.seal.write_bytes(early)
    _next(log)
    status, text = witness.add(_next(log))
    assert status in (CONFLICT, UNPROCESSABLE), text


def test_its_tools_accept_a_line_of_log_cosign(log: Any, tmp_path: Path) -> None:
    _first(log)
    key = ("--key", tmp_path / "witness.key", "--name", "own.example")
    line = log.bare("log", "cosign", log.seal, *key, "--state", tmp_path / "seen").out
    public = WitnessKey.parse(log.bare("log", "cosign", *key, "--vkey").out)
    note = notes.parse(log.seal.read_text() + line)
    statement = Statement.parse(note.text)
    (value,) = note.by(public.name, public.key_id)
    assert aics_tlog.verify_cosignature(
        value, public.name, public.public, statement.origin, statement.size, statement.root
    )
    assert aics_tlog.verify_note(
        aics_tlog.parse_note(log.seal.read_text()), [aics_tlog.parse_vkey(log.vkey)]
    )
