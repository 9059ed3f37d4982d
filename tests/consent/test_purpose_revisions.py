"""Revisions of purposes as retention reads them: what each stated, and since when."""

from __future__ import annotations

from facecli.consent import purpose_revisions
from facecli.consent.purpose_revisions import LENGTHS
from tests.consent.conftest import TERMS, World


def test_revisions_come_by_code_and_age_with_what_each_stated(gate: World) -> None:
    first = gate.now
    shorter = gate.wait(days=1)
    gate.apply(retain_match="7d")
    wider = gate.wait(days=1)
    gate.apply(retain_match="7d", scope="wider", ask_again_within="9d")
    gate.apply("door")
    found = list(purpose_revisions.revisions(gate.db))
    assert [(one.code, one.version, one.valid_from) for one in found] == [
        ("door", 1, wider), ("gate", 1, first), ("gate", 1, shorter), ("gate", 2, wider),
    ]  # fmt: skip
    assert [one.lengths["retain_match"] for one in found[1:]] == [TERMS.retain_match, "7d", "7d"]
    assert found[-1].lengths["ask_again_within"] == "9d"
    assert set(found[0].lengths) == {*LENGTHS, "ask_again_within"}
    assert {one.retired_at for one in found} == {None}


def test_every_purpose_has_its_code(gate: World) -> None:
    gate.apply("door")
    assert purpose_revisions.codes(gate.db) == {1: "gate", 2: "door"}
