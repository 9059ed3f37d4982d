"""Identities of workers, and the messages of a lot."""

from __future__ import annotations

import pytest

from facecli import __version__
from facecli.recognition.analysis.pool import identity_of as identity_of_engine
from facecli.recognition.engines import engine
from facecli.workers import wire
from facecli.workers.cluster import lots
from facecli.workers.cluster.lots import Done, Identity, LotAnswer, Outcome, Report, Trouble
from facecli.workers.wire import Forged

FIRST, SECOND = "0" * 64, "1" * 64


def test_an_identity_names_version_engine_and_networks() -> None:
    made = lots.identity_of("sface-123", [f"YuNet {FIRST}, 1024 pixels", f"SFace {SECOND}"])
    assert made.text == f"facecli {__version__} sface-123 {made.models[:12]}"
    assert lots.is_identity(made.text)


def test_another_network_is_another_identity() -> None:
    one = lots.identity_of("sface-123", [f"SFace {FIRST}"])
    assert one != lots.identity_of("sface-123", [f"SFace {SECOND}"])
    assert one != lots.identity_of("sface-124", [f"SFace {FIRST}"])
    assert one == lots.identity_of("sface-123", [f"the same network {FIRST}"])


@pytest.mark.parametrize("name", engine.names())
def test_every_engine_has_an_identity_of_its_own(name: str) -> None:
    mine = identity_of_engine(engine.spec(name))
    assert lots.is_identity(mine.text)
    others = [identity_of_engine(engine.spec(one)) for one in engine.names() if one != name]
    assert mine.text not in [one.text for one in others]


@pytest.mark.parametrize(
    "text",
    [
        *("", "facecli", "facecli 1 a", "facecli 1 a 0", "x 1 a 012345678901"),
        "facecli 1 a\x1b[2J 012345678901",
    ],
)
def test_other_texts_are_no_identity(text: str) -> None:
    assert not lots.is_identity(text)


def test_tasks_come_back_as_they_were() -> None:
    assert lots.unpack_tasks(lots.pack_tasks(({"a": b"b"}, 3))) == [{"a": b"b"}, 3]


def test_an_answer_and_a_report_are_plain_data() -> None:
    answer = LotAnswer("tls://a:1", Identity("1", "e", FIRST), (Outcome(False, b"x"),))
    assert wire.unpack(wire.pack(answer), LotAnswer) == answer
    report = Report((Done(1, b"x"), Done(2, None, "a")), 3, ("",), Trouble("late"))
    assert wire.unpack(wire.pack(report), Report) == report


@pytest.mark.parametrize("report", [Report(threads=-1), Report(trouble=Trouble("odd"))])  # type: ignore[arg-type]
def test_a_report_that_cannot_be_is_forged(report: Report) -> None:
    with pytest.raises(Forged):
        wire.unpack(wire.pack(report), Report)
