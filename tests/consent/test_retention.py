"""The policy: golden cases for each rule, and properties that hold for all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecli.consent.retention import (
    ALWAYS,
    NEVER,
    ConsentFact,
    HeldFact,
    LapseFact,
    RetentionRules,
    Span,
    SubjectFact,
    decide,
    first_over,
)
from facecli.consent.sql_age_bounds import pasts
from facecli.times import stamp

NOW = "2026-11-23T12:00:00Z"


def ever(length: Any) -> Any:
    """The spans of a length that was never revised."""
    return (Span(length, ALWAYS, NEVER),)


GATE = RetentionRules(
    "gate",
    1,
    None,
    {"template": ever("1y"), "photo": ever("10d"), "match": ever("30d")},
    ever("180d"),
)
CONSENT = ConsentFact(
    1, "gate", 1, "2027-01-01T00:00:00Z", None, "2026-06-01T00:00:00Z", "2026-11-01"
)
TEMPLATE = HeldFact("template", 1, "gate", "2026-06-01T00:00:00Z")
PHOTO = HeldFact("photo", 1, "gate", "2026-11-20T00:00:00Z")
MATCH = HeldFact("match", 1, "gate", "2026-11-01T08:00:00Z")
SUBJECT = SubjectFact(1, "A-1", "p", "2026-11-01", None, (CONSENT,), (TEMPLATE, PHOTO, MATCH))


def outcome(subject: Any = SUBJECT, rules: Any = GATE, now: Any = NOW) -> dict[Any, Any]:
    """{what: (decision, reason, due_at)}"""
    decisions = decide(subject, {rules.purpose: rules}, now)
    return {one.what: (one.decision, one.reason, one.due_at) for one in decisions}


def with_consent(**changes: Any) -> Any:
    return SUBJECT._replace(consents=(CONSENT._replace(**changes),))


def test_what_is_consented_to_and_in_time_is_kept_and_says_until_when() -> None:
    assert outcome() == {
        "template": ("keep", "consent-expired", "2027-01-01T00:00:00Z"),
        "photo": ("keep", "retention-over", "2026-11-30T00:00:00Z"),
        "match": ("keep", "retention-over", "2026-12-01T08:00:00Z"),
        "consent": ("keep", "consent-expired", "2027-01-01T00:00:00Z"),
        "subject": ("keep", "consent-expired", "2027-01-01T00:00:00Z"),
    }


EVERYTHING = {"template", "photo", "match", "consent", "subject"}


@pytest.mark.rule("earliest-deletion")
@pytest.mark.parametrize(
    ("subject", "rules", "reason", "due_at"),
    [
        (with_consent(withdrawn_at="2026-11-22T00:00:00Z"), GATE, "withdrawn", "2026-11-22"),
        (with_consent(expires_at="2026-11-23T12:00:00Z"), GATE, "consent-expired", "2026-11-23"),
        (
            SUBJECT,
            GATE._replace(version=2, superseded=((2, "2026-11-11T00:00:00Z", ever("10d")),)),
            "purpose-revised",
            "2026-11-21",
        ),
        (
            SUBJECT,
            GATE._replace(retired_at="2026-11-20T10:00:00Z"),
            "purpose-retired",
            "2026-11-20",
        ),
        (SUBJECT, GATE._replace(inactive_after=ever("21d")), "inactive", "2026-11-23"),
    ],
)
def test_the_end_of_consent_purpose_or_interest_takes_everything(
    subject: Any, rules: Any, reason: str, due_at: str
) -> None:
    found = outcome(subject, rules)
    assert set(found) == EVERYTHING
    for decision, why, at in found.values():
        assert (decision, why, at[:10]) == ("due", reason, due_at)


@pytest.mark.parametrize("what", ["template", "photo", "match"])
def test_the_end_of_its_own_retention_takes_one_thing_alone(what: str) -> None:
    rules = GATE._replace(retain={**GATE.retain, what: ever("1d")})
    due = {name for name, (decision, _, _) in outcome(rules=rules).items() if decision == "due"}
    assert due == {what}
    assert outcome(rules=rules)[what][1] == "retention-over"


@pytest.mark.rule("earliest-deletion")
def test_the_earliest_rule_counts_whichever_it_is() -> None:
    subject = with_consent(withdrawn_at="2026-11-22T00:00:00Z")
    rules = GATE._replace(retired_at="2026-11-20T10:00:00Z", inactive_after=ever("10d"))
    assert outcome(subject, rules)["template"] == ("due", "inactive", "2026-11-12T00:00:00Z")


def test_a_renewed_consent_keeps_the_template_and_lets_the_old_record_go() -> None:
    old = CONSENT._replace(item_id=2, expires_at="2026-11-01T00:00:00Z")
    subject = SUBJECT._replace(consents=(old, CONSENT))
    decisions = decide(subject, {"gate": GATE}, NOW)
    due = [(one.what, one.item_id) for one in decisions if one.decision == "due"]
    assert due == [("consent", 2)]


def test_another_purpose_keeps_the_person_but_not_this_purposes_template() -> None:
    other = GATE._replace(purpose="shop")
    subject = SUBJECT._replace(
        consents=(
            CONSENT._replace(withdrawn_at="2026-11-22T00:00:00Z"),
            CONSENT._replace(item_id=2, purpose="shop"),
        ),
        things=(TEMPLATE, TEMPLATE._replace(item_id=2, purpose="shop")),
    )
    decisions = decide(subject, {"gate": GATE, "shop": other}, NOW)
    due = [(one.what, one.item_id) for one in decisions if one.decision == "due"]
    assert due == [("template", 1), ("consent", 1)]


def test_a_hold_keeps_what_is_due_and_says_so_until_it_ends() -> None:
    subject = with_consent(withdrawn_at="2026-11-22T00:00:00Z")
    held = subject._replace(held_until="2026-11-23T12:00:01Z")
    assert {decision for decision, _, _ in outcome(held).values()} == {"held"}
    over = subject._replace(held_until=NOW)
    assert {decision for decision, _, _ in outcome(over).values()} == {"due"}


def test_a_template_without_any_consent_is_due_at_once() -> None:
    found = outcome(SUBJECT._replace(consents=()))
    assert found["template"] == ("due", "consent-expired", TEMPLATE.created_at)


NO_CONSENT = SUBJECT._replace(consents=(), things=(), waiting_since="2026-11-01T09:00:00Z")
HELD_UNTIL = "2027-06-01T00:00:00Z"


@pytest.mark.parametrize(
    ("subject", "now", "decision", "due_at"),
    [
        (NO_CONSENT, "2026-12-01T08:59:59Z", "keep", "2026-12-01T09:00:00Z"),
        (NO_CONSENT, "2026-12-01T09:00:00Z", "due", "2026-12-01T09:00:00Z"),
        (NO_CONSENT._replace(alternative_only=True), "2099-01-01T00:00:00Z", "keep", NEVER),
        (
            NO_CONSENT._replace(held_until=HELD_UNTIL),
            "2027-05-31T23:59:59Z",
            "held",
            "2026-12-01T09:00:00Z",
        ),
        (NO_CONSENT._replace(held_until=HELD_UNTIL), HELD_UNTIL, "due", "2026-12-01T09:00:00Z"),
    ],
)
def test_a_subject_without_any_consent_is_due_after_thirty_days(
    subject: SubjectFact, now: str, decision: str, due_at: str
) -> None:
    (found,) = decide(subject, {"gate": GATE}, now)
    assert (found.what, found.reason) == ("subject", "no-consent")
    assert (found.decision, found.due_at) == (decision, due_at)


def test_the_record_of_who_chose_the_alternative_outlives_their_consents() -> None:
    chosen = with_consent(withdrawn_at="2026-11-22T00:00:00Z")._replace(alternative_only=True)
    found = outcome(chosen)
    assert found.pop("subject")[0] == "keep"
    assert {decision for decision, _, _ in found.values()} == {"due"}


def test_the_record_of_who_has_an_open_request_waits_for_its_answer_alone() -> None:
    waiting = SubjectFact(1, "A-1", "s-1", "2020-01-01T00:00:00Z", None, (), ())
    assert outcome(waiting)["subject"][0] == "due"
    assert outcome(waiting._replace(open_request=True))["subject"][0] == "keep"
    over = with_consent(withdrawn_at="2026-11-22T00:00:00Z")
    assert outcome(over._replace(open_request=True)) == outcome(over)


# -- properties ---------------------------------------------------------------------------

START = datetime(2025, 1, 1, tzinfo=UTC)
moments = st.integers(0, 2000).map(lambda days: stamp(START + timedelta(days=days)))
days = moments.map(lambda moment: moment[:10])
one_length = st.sampled_from(["0d", "12h", "7d", "3m", "1y"])


@st.composite
def some_spans(draw: Any) -> Any:
    """A length and its revisions, each from its moment on."""
    starts = [ALWAYS, *sorted(set(draw(st.lists(moments, max_size=2))))]
    ends = [*starts[1:], NEVER]
    return tuple(
        Span(draw(one_length), since, until) for since, until in zip(starts, ends, strict=True)
    )


lengths = some_spans()
purposes = st.sampled_from(["gate", "shop"])
all_rules = st.fixed_dictionaries(
    {
        code: st.builds(
            RetentionRules,
            st.just(code),
            st.just(2),
            st.none() | moments,
            st.fixed_dictionaries({"template": lengths, "photo": lengths, "match": lengths}),
            lengths,
            st.tuples(st.tuples(st.just(2), moments, lengths)),
            st.sampled_from(["UTC", "Asia/Shanghai", "Pacific/Kiritimati"]),
        )
        for code in ("gate", "shop")
    }
)
people = st.builds(
    SubjectFact,
    st.just(1),
    st.just("A-1"),
    st.just("p"),
    days,
    st.none() | moments,
    st.lists(
        st.builds(
            ConsentFact,
            st.integers(1, 9),
            purposes,
            st.integers(1, 2),
            moments,
            st.none() | moments,
            moments,
            days,
        ),
        max_size=3,
    ).map(tuple),
    st.lists(
        st.builds(
            HeldFact,
            st.sampled_from(["template", "photo", "match"]),
            st.integers(1, 9),
            purposes,
            moments,
        ),
        max_size=4,
    ).map(tuple),
    st.lists(st.builds(LapseFact, purposes, moments, moments, st.just("inactive")), max_size=1).map(
        tuple
    ),
)


@settings(max_examples=300, deadline=None)
@given(moments, lengths, moments)
def test_a_revision_counts_for_the_time_in_which_it_was_in_force(
    start: Any, spans: Any, now: Any
) -> None:
    """Against a model that looks at every day: once over, over for good."""
    over = False
    day = START
    while stamp(day) <= now:
        moment = stamp(day)
        in_force = [one.length for one in spans if one.since <= moment < one.until]
        replaced = [one.length for one in spans if start < one.until == moment]
        over = over or any(_simple_sum(start, one) <= moment for one in in_force + replaced)
        day += timedelta(hours=12)  # every moment and length here is a multiple
    assert (first_over(start, spans) <= now) == over


@pytest.mark.parametrize(
    ("start", "earlier", "over"),
    [
        ("2027-01-01T00:00:00Z", "72h", "2027-01-04T00:00:00Z"),  # in the second of the change
        ("2027-01-01T00:00:01Z", "72h", "2028-01-01T00:00:01Z"),
        ("2027-01-03T23:59:59Z", "0d", "2027-01-03T23:59:59Z"),
        ("2027-01-04T00:00:00Z", "0d", "2028-01-04T00:00:00Z"),  # made in that second
    ],
)
def test_what_is_due_in_the_second_of_a_longer_retention_stays_due(
    start: str, earlier: str, over: str
) -> None:
    change = "2027-01-04T00:00:00Z"
    spans = (Span(earlier, ALWAYS, change), Span("1y", change, NEVER))
    assert first_over(start, spans) == over
    for at in (change, stamp(datetime.fromisoformat(change) + timedelta(seconds=1))):
        assert any(bound.has(start) for bound in pasts(spans, at)) == (over <= at)


def _simple_sum(start: Any, length: Any) -> Any:
    from dateutil.relativedelta import relativedelta

    units: dict[str, Any] = {"h": "hours", "d": "days", "m": "months", "y": "years"}
    named: dict[str, Any] = {units[length[-1]]: int(length[:-1])}
    delta = relativedelta(**named)
    return stamp(datetime.fromisoformat(start) + delta)


@settings(max_examples=300, deadline=None)
@given(people, all_rules, st.lists(moments, min_size=2, max_size=5))
def test_what_is_due_stays_due_as_time_goes_on(person: Any, rules: Any, times: Any) -> None:
    for earlier, later in pairwise(sorted(times)):
        before = decide(person, rules, earlier)
        after = decide(person, rules, later)
        for one, other in zip(before, after, strict=True):
            assert (one.what, one.item_id, one.due_at) == (other.what, other.item_id, other.due_at)
            if one.decision == "due":
                assert other.decision == "due"


@settings(max_examples=300, deadline=None)
@given(people, all_rules, moments)
def test_a_hold_never_erases_and_due_means_the_time_has_come(
    person: Any, rules: Any, now: Any
) -> None:
    for one in decide(person, rules, now):
        if person.held_until is not None and person.held_until > now:
            assert one.decision != "due"
        assert (one.due_at <= now) == (one.decision in ("due", "held"))


@pytest.mark.rule("earliest-deletion")
@settings(max_examples=300, deadline=None)
@given(people, all_rules, moments)
def test_nothing_outlives_the_consents_to_its_purpose_nor_the_person_its_things(
    person: Any, rules: Any, now: Any
) -> None:
    decisions = decide(person, rules, now)
    gone = decisions[-1].decision == "due"
    for one in decisions[:-1]:
        ends = [
            min(c.expires_at, c.withdrawn_at or c.expires_at)
            for c in person.consents
            if c.purpose == one.purpose
        ]
        if one.what != "consent":
            assert one.due_at <= max(ends, default=one.due_at)
        if gone and ends:
            assert one.decision == "due"
