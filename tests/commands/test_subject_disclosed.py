"""`facecli subject disclosed`: a disclosure of one subject, or a breach of the whole database."""

from __future__ import annotations

from typing import Any

import pytest

from tests.consent.register.conftest import HOSTILE

STATED = {"--to": "City court", "--what": "two photos", "--basis": "order 118"}


def disclosed(facecli: Any, *whom: str, **changes: str) -> Any:
    options = {**STATED, **{f"--{name}": value for name, value in changes.items()}}
    return facecli(
        "subject", "disclosed", *whom, *(word for one in options.items() for word in one)
    )


def shown(facecli: Any, ref: str) -> Any:
    return facecli("subject", "show", ref, "--format", "json").json()["disclosures"]


@pytest.mark.rule("disclosures-on-record")
def test_it_is_shown_and_counted(ready: Any) -> None:
    for ref in ("A-1", "A-2"):
        ready("subject", "add", ref)
    done = disclosed(ready, "A-1")
    assert (done.code, done.out) == (0, "")
    assert disclosed(ready, "--all", to="a thief", on="2026-01-02").code == 0
    assert [one["recipient"] for one in shown(ready, "A-1")] == ["a thief", "City court"]
    assert [one["whole_database"] for one in shown(ready, "A-2")] == [True]
    assert "disclosures.1.recipient" in ready("subject", "show", "A-2").out
    status = ready("status", "--format", "json").json()
    assert status["disclosures"] == {"recorded": 1, "whole_database": 1}
    ready("revoke", "A-1", "--yes")
    assert ready("status", "--format", "json").json()["disclosures"] == status["disclosures"]


@pytest.mark.parametrize("whom", [(), ("A-1", "--all")])
def test_one_subject_or_everybody(ready: Any, whom: tuple[str, ...]) -> None:
    ready("subject", "add", "A-1")
    assert disclosed(ready, *whom).code == 2


def test_bad_input_changes_nothing(ready: Any) -> None:
    ready("subject", "add", "A-1")
    assert disclosed(ready, "A-9").code == 21
    assert disclosed(ready, "A-1", on="2999-01-01").code == 1
    assert disclosed(ready, "A-1", on="soon").code == 2
    for name in ("to", "what", "basis"):
        for text in HOSTILE[:-3]:
            assert disclosed(ready, "A-1", **{name: text}).code == 2
    assert shown(ready, "A-1") == []
