"""The demands of a process on the confinement of its workers."""

from __future__ import annotations

import pytest

from facecli.workers.confinement import demands


def test_complete_confinement_is_required_once_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(demands, "_required", False)
    assert not demands.required()
    demands.require_confinement()
    assert demands.required()


def test_what_is_lacking_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(demands, "_tell", None)
    demands.note_what_is_lacking("There is no Landlock here")  # nobody wants to know
    demands.when_confined_less(told.append)
    for lacks in ("", "There is no Landlock here", "There is no Landlock here"):
        demands.note_what_is_lacking(lacks)
    assert told == ["There is no Landlock here."]
