"""A duplicate is what `match` would find at the size that counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from facecli.cli.session import Session
from facecli.consent import purposes
from facecli.consent.purpose_terms import Purpose
from facecli.recognition.enrolment import duplicates
from facecli.recognition.matching.rate_scale import RateScale
from facecli.recognition.matching.thresholds import Asked, for_search
from tests.conftest import Facecli
from tests.prepared import SPEC, held, opened, unit
from tests.recognition.matching.test_gallery import change, enrol


@pytest.fixture
def session(ready: Facecli) -> Iterator[Session]:
    with opened(ready) as found:
        yield found


@pytest.fixture
def purpose(session: Session) -> Purpose:
    return purposes.find(session.db, "gate")


@pytest.mark.parametrize("references", [0, 1, 100, 6_000, 1_000_000])
def test_the_limit_is_that_of_match(purpose: Purpose, references: int) -> None:
    expected = for_search(SPEC, purpose, Asked(), references).distance
    assert duplicates.limit(SPEC, purpose, references) == expected


def test_where_match_refuses_the_rate_the_lowest_measured_counts(purpose: Purpose) -> None:
    strict = replace(purpose, terms=replace(purpose.terms, threshold_fmr=1e-9))
    scale = RateScale.of(SPEC, strict, None)
    assert duplicates.limit(SPEC, strict, 10) == scale.held(scale.smallest).distance


def test_duplicates_are_sought_more_strictly_the_larger_the_gallery(purpose: Purpose) -> None:
    found = [duplicates.limit(SPEC, purpose, size) for size in (0, 10, 1000, 10**5, 10**9)]
    assert found == sorted(found, reverse=True)
    assert found[-1] > 0


def test_the_nearest_other_subject_is_found_and_never_the_own() -> None:
    gallery = held((unit(1), 11), (unit(7, unit(1), 0.3), 12), (unit(8, unit(1), 0.4), 13))
    assert duplicates.other_subject(gallery, unit(1), 0.5, 11) == (12, 2)
    assert duplicates.other_subject(gallery, unit(1), 0.5, 12) == (11, 1)
    assert duplicates.other_subject(gallery, unit(1), 0.2, 11) is None


@pytest.mark.parametrize(
    ("terms", "named"),
    [({}, True), ({"operators": (-1,)}, False), ({"case_required": True}, False)],
)
def test_whoever_may_not_search_is_not_told_whose_face_it_is(
    session: Session, ready: Facecli, purpose: Purpose, terms: dict[str, Any], named: bool
) -> None:
    subject_id = enrol(ready, "A-1", unit(1))
    searched = replace(purpose, terms=replace(purpose.terms, **terms))
    with session.act() as act:
        act.record("test")
        assert duplicates.name_of(act, searched, subject_id) == ("A-1" if named else None)


def test_the_size_counts_what_is_permitted_and_what_comes(session: Session, ready: Facecli) -> None:
    for number in range(3):
        enrol(ready, f"A-{number}", unit(number))
    assert duplicates.sizes(session.db, SPEC, session.now, 10) == {"gate": 12, "attendance": 9}
    assert duplicates.sizes(session.db, SPEC, session.now, 0)["gate"] == 3
    change(ready, "UPDATE consent SET withdrawn_at = given_at WHERE subject_id = 1")
    assert duplicates.sizes(session.db, SPEC, session.now)["gate"] == 2
    change(ready, "UPDATE purpose SET retired_at = '2020-01-01T00:00:00Z' WHERE code = 'gate'")
    assert duplicates.sizes(session.db, SPEC, session.now) == {"attendance": 0}
