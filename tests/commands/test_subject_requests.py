"""`facecli subject request`, `answer` and `requests`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Clock
from tests.consent.register.conftest import HOSTILE


def waiting(facecli: Any, *ref: str) -> Any:
    return facecli("subject", "requests", *ref, "--format", "json").json()


@pytest.mark.rule("copy-correct-erase")
def test_a_request_is_open_until_it_is_answered(ready: Any, clock: Clock) -> None:
    ready("subject", "add", "A-1")
    for kind in ("access", "complain"):
        done = ready("subject", "request", "A-1", "--kind", kind)
        assert (done.code, done.out) == (0, "")
        assert "answer A-1 until " in done.err
    first, second = waiting(ready)
    assert (first["schema"], first["kind"], first["state"]) == (
        "facecli.request/1", "access", "open",
    )  # fmt: skip
    assert ready("subject", "answer", first["request_id"], "--answer", "handed over").code == 0
    refused = ("--answer", "kept", "--refused", "a court asked for it")
    clock.advance(days=40)
    assert waiting(ready)[0]["state"] == "overdue"
    assert ready("subject", "answer", second["request_id"], *refused).code == 0
    assert waiting(ready) == []
    assert [one["state"] for one in waiting(ready, "A-1")] == ["answered", "refused"]
    shown = ready("subject", "show", "A-1").out
    assert "a court asked for it" in shown
    assert ready("subject", "answer", first["request_id"], "--answer", "again").code == 1
    status = ready("status", "--format", "json").json()["requests"]
    assert (status["answered"], status["refused"], status["open"]) == (1, 1, 0)


def test_bad_input_changes_nothing(ready: Any) -> None:
    ready("subject", "add", "A-1")
    ask = ("subject", "request", "A-1", "--kind")
    assert ready(*ask, "praise").code == 2
    assert ready(*ask, "access", "--on", "2999-01-01").code == 1
    assert ready(*ask, "access", "--on", "soon").code == 2
    assert ready("subject", "request", "A-9", "--kind", "access").code == 21
    assert waiting(ready) == []
    assert ready(*ask, "access").code == 0
    [made] = waiting(ready)
    assert ready("subject", "answer", "A-1", "--answer", "done").code == 21
    for text in HOSTILE[:-3]:
        assert ready("subject", "answer", made["request_id"], "--answer", text).code == 2
        done = ready("subject", "answer", made["request_id"], "--answer", "a", "--refused", text)
        assert done.code == 2
    assert waiting(ready) == [made]


def test_a_purge_waits_for_the_answer(ready: Any, clock: Clock) -> None:
    ready("subject", "add", "A-1")
    ready("subject", "request", "A-1", "--kind", "access")
    clock.advance(days=40)
    assert ready("purge", "--format", "json").json()[-1:] == []
    assert ready("doctor", "--quick").code == 3
    [made] = waiting(ready)
    assert ready("subject", "answer", made["request_id"], "--answer", "done").code == 0
    clock.advance(days=30)
    [row] = [one for one in ready("purge", "--format", "json").json() if "what" in one]
    assert (row["what"], row["reason"], row["outcome"]) == ("subject", "no-consent", "erased")


@pytest.mark.rule("readable-papers")
def test_a_refusal_is_handed_over_in_a_letter_with_its_reason(ready: Any, tmp_path: Path) -> None:
    ready("subject", "add", "A-1", "--name", "Li Wei")
    ready("subject", "request", "A-1", "--kind", "erase")
    [request] = waiting(ready)
    answer = ("subject", "answer", request["request_id"], "--answer", "kept")
    letter = tmp_path / "letter.html"
    needs = ready(*answer, "--letter", letter)
    assert (needs.code, "--letter needs --refused" in needs.err) == (2, True)
    refused = ("--refused", "a court asked <b>for it")
    lost = ready(*answer, *refused, "--letter", tmp_path / "none" / "letter.html")
    assert (lost.code, len(waiting(ready))) == (74, 1)  # nothing is recorded
    assert ready(*answer, *refused, "--letter", letter, "--lang", "zh").code == 0
    page = letter.read_text(encoding="utf-8")
    assert "您的请求被拒绝" in page
    assert "a court asked &lt;b&gt;for it" in page
    assert waiting(ready) == []


def test_a_withdrawal_notes_the_requests_that_it_leaves_without_an_answer(ready: Any) -> None:
    ready("subject", "add", "A-1")
    ready("consent", "record", "A-1", "--purpose", "gate", "--expires", "1y")
    for kind in ("erase", "complain"):
        ready("subject", "request", "A-1", "--kind", kind)
    answered, left = waiting(ready)
    ready("subject", "answer", answered["request_id"], "--answer", "erased")
    for options in (("--dry-run",), ("--yes",)):
        said = ready("revoke", "A-1", *options).err
        assert f"Without an answer: request {left['request_id']} (complain, " in said
        assert answered["request_id"] not in said
    assert ready("status", "--format", "json").json()["requests"]["erased"] == 1
