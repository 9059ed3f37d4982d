"""The bounds that Dask's client puts on what a cluster answers; `test_client` runs the process."""

from __future__ import annotations

from collections import deque

import pytest

from facecli.workers import wire
from facecli.workers.cluster import client_worker
from facecli.workers.cluster.client_worker import MOST_ANSWER, is_answer, taken
from facecli.workers.cluster.lots import Done, LotAnswer, Outcome
from tests.workers.cluster.serving import identity


def answer(size: int) -> bytes:
    """An answer to a lot with one result of so many bytes."""
    return wire.pack(LotAnswer("tls://w:1", identity("digest"), (Outcome(False, bytes(size)),)))


def test_an_answer_of_a_worker_is_one() -> None:
    assert is_answer(answer(10))


@pytest.mark.parametrize("found", [None, "text", bytearray(b"x"), b"", 7, [b"x"]])
def test_what_else_a_cluster_gives_is_none(found: object) -> None:
    assert not is_answer(found)


def test_an_answer_that_is_too_long_is_none() -> None:
    assert not is_answer(answer(MOST_ANSWER))


def test_a_report_takes_lots_until_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_worker, "MOST_ANSWER", 100)
    answers = [bytes(60), bytes(40), b"1", bytes(500), None, bytes(100), b"6"]
    ended = deque(Done(at, answer) for at, answer in enumerate(answers))
    reports = []
    while ended:
        reports.append([done.number for done in taken(ended)])
    assert reports == [[0, 1], [2], [3], [4, 5], [6]]
