"""Agreements as they are stated: their period, their version, their evidence."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from facecli.consent import dates
from facecli.consent.agreements import Agreement, Evidence, Shown, is_given_on, read_evidence
from facecli.errors.base import Exit
from facecli.errors.command_line import BadInput, BadText
from facecli.errors.consent import GivenTooEarly
from tests.consent.conftest import World

FORM = Evidence(hashlib.sha256(b"form").hexdigest(), None)


def rows(world: World) -> int:
    return int(world.db.value("SELECT count(*) FROM consent"))


# -- the period -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expires", "period"),
    [
        (None, "1y", ("2026-11-23T09:00:00Z", "2027-11-23T09:00:00Z")),
        (None, "2y", ("2026-11-23T09:00:00Z", "2028-11-23T09:00:00Z")),
        (None, "2027-01-31", ("2026-11-23T09:00:00Z", "2027-02-01T00:00:00Z")),
        ("2026-11-23", "1y", ("2026-11-23T00:00:00Z", "2027-11-23T00:00:00Z")),
        ("2026-11-23T17:00:00+08:00", "1h", ("2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z")),
    ],
)
def test_from_when_to_when(
    gate: World, given: str | None, expires: str, period: tuple[str, str]
) -> None:
    done = gate.record(given=given, expires=expires)
    assert (done.given_at, done.expires_at) == period
    assert done.recorded_at == gate.now


@pytest.mark.parametrize(
    ("given", "expires", "why"),
    [
        ("2026-11-23T09:00:01Z", "1y", "in the future"),
        ("2026-11-24", "1y", "2026-11-24 is in the future"),
        ("0001-01-01", "2026-12-31", "later than the purpose allows"),
        (None, "2026-11-22", "is over"),
        (None, "2026-11-23T09:00:00Z", "is over"),
        (None, "0d", "is over"),
        ("2025-11-01", "1y", "is over"),
        (None, "25m", r"later than the purpose allows \(2028-11-23"),
        (None, "2028-11-24T00:00:01Z", "later than the purpose allows"),
        (None, "9999-12-31", "later than the purpose allows"),
        ("2025-01-01", "2027-01-02", "later than the purpose allows"),
    ],
)
def test_a_period_that_cannot_be(gate: World, given: str | None, expires: str, why: str) -> None:
    with pytest.raises(BadInput, match=why) as refused:
        gate.record(given=given, expires=expires)
    assert refused.value.exit_code == 1
    assert rows(gate) == 0


@pytest.mark.parametrize(
    ("given", "expires", "why"),
    [
        ("9999-12-31", "1y", "in the future|out of range"),
        (None, "soon", "is no date"),
        (None, "2027-02-29", "is no date"),
        (None, "99999y", "is no date"),
        (None, "2027-01-31T10:00", "needs a time zone"),
        ("yesterday", "1y", "given is not usable: `yesterday` is no date"),
        ("", "1y", "given is not usable"),
        (None, "", "expires is not usable"),
    ],
)
def test_a_date_that_cannot_be_read_is_a_usage_error(
    gate: World, given: str | None, expires: str, why: str
) -> None:
    with pytest.raises(BadText, match=why) as refused:
        gate.record(given=given, expires=expires)
    assert (refused.value.exit_code, refused.value.reason) == (2, "bad-input")
    assert rows(gate) == 0


def test_a_long_date_is_not_repeated_in_full(gate: World) -> None:
    with pytest.raises(BadInput) as refused:
        gate.record(expires="x" * 10_000)
    assert len(str(refused.value)) < 300


# The purpose is applied on 23 November at 09:00 UTC, and changed on 3 December at 09:00 UTC.
SINCE_JUNE = {"in_force_since": "2026-06-01"}
GIVEN: list[tuple[dict[str, str], str, str, bool, str | None]] = [
    # terms, zone, given, after the change: why it is refused, or None
    ({}, "UTC", "2026-11-22", False, "version 1 is only in force since 2026-11-23"),
    ({}, "UTC", "2026-11-23", False, None),
    ({}, "UTC", "2026-11-23T08:59:59Z", False, "version 1 is only in force since 2026-11-23T09"),
    ({}, "UTC", "2026-11-23T09:00:00Z", False, None),
    ({}, "UTC", "2026-11-24", False, None),
    ({}, "Pacific/Kiritimati", "2026-11-22", False, "only in force since 2026-11-23"),
    ({}, "Pacific/Kiritimati", "2026-11-23", False, None),
    ({}, "America/Los_Angeles", "2026-11-22", False, "only in force since 2026-11-23"),
    (SINCE_JUNE, "UTC", "2026-05-31", False, "only in force since 2026-06-01; .*in_force_since"),
    (SINCE_JUNE, "UTC", "2026-06-01", False, None),
    (SINCE_JUNE, "UTC", "2026-06-01T00:00:00Z", False, None),
    (SINCE_JUNE, "Asia/Shanghai", "2026-05-31T15:59:59Z", False, "since 2026-05-31T16:00:00Z"),
    (SINCE_JUNE, "Asia/Shanghai", "2026-05-31T16:00:00Z", False, None),
    ({"in_force_since": "2026-12-01"}, "UTC", "2026-11-30", False, "since 2026-12-01"),
    ({}, "UTC", "2026-12-02", True, "version 2 is only in force since 2026-12-03"),
    ({}, "UTC", "2026-12-03", True, "the date does not say which notice .* give the time"),
    ({}, "UTC", "2026-12-03T08:59:59Z", True, "version 2 is only in force since 2026-12-03T09"),
    ({}, "UTC", "2026-12-03T09:00:00Z", True, None),
    ({}, "UTC", "2026-12-03T10:00:00+01:00", True, None),
    ({}, "UTC", "2026-12-04", True, None),
    (SINCE_JUNE, "UTC", "2026-12-02", True, "version 2 is only in force"),
    ({}, "Pacific/Kiritimati", "2026-12-03", True, "the date does not say which notice"),
    ({}, "Pacific/Kiritimati", "2026-12-04", True, None),
]


@pytest.mark.rule("one-form-one-consent")
@pytest.mark.parametrize(("terms", "zone", "given", "changed", "why"), GIVEN)
def test_a_consent_is_not_older_than_its_version(
    gate: World, terms: dict[str, str], zone: str, given: str, changed: bool, why: str | None
) -> None:
    with gate.act() as act:
        dates.set_zone(act, zone)
    if terms:
        gate.apply(**terms)
    gate.wait(days=10)
    if changed:
        gate.apply(scope="another", **terms)
    gate.wait(days=5)
    if why is None:
        assert gate.record(given=given).version == 2 if changed else 1
        return
    with pytest.raises(GivenTooEarly, match=why) as refused:
        gate.record(given=given)
    assert (refused.value.reason, rows(gate)) == ("consent-other-version", 0)
    assert refused.value.exit_code == Exit.NO_CONSENT


def test_a_revision_does_not_make_consents_to_its_version_too_old(gate: World) -> None:
    gate.wait(days=10)
    gate.apply(scope="another")
    gate.wait(days=10)
    gate.apply(scope="another", retain_match="1d")
    assert gate.record(given="2026-12-05").version == 2  # after the version, before its revision


# -- the evidence file ----------------------------------------------------------------------


def test_evidence_is_a_files_sha256(tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    path.write_bytes(b"form")
    assert read_evidence(path, keep=False) == FORM
    assert read_evidence(path, keep=True) == Evidence(FORM.sha256, b"form")


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.symlink_to("none"), "no such file"),
        (os.mkdir, "not a regular file"),
        (os.mkfifo, "not a regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "not a regular file"),
        (lambda path: path.touch(), "empty"),
        (lambda path: (path.touch(), os.truncate(path, 64 * 1024 * 1024 + 1)), "64 MiB"),
    ],
    ids=["missing", "dangling", "directory", "pipe", "device", "empty", "large"],
)
def test_evidence_that_is_none(tmp_path: Path, make: Any, why: str) -> None:
    make(tmp_path / "form.pdf")
    with pytest.raises(BadInput, match=why):
        read_evidence(tmp_path / "form.pdf", keep=False)


# -- the same date again --------------------------------------------------------------------

NOON = "2026-11-23T12:00:00Z"
AGAIN: list[tuple[str | None, str, str, bool]] = [
    # stated date, moment of the recorded consent, zone: the same consent
    ("2026-11-23", NOON, "UTC", True),
    ("2026-11-23", "2026-11-22T23:59:59Z", "UTC", False),
    ("2026-11-23", "2026-11-22T16:00:00Z", "Asia/Shanghai", True),
    ("2026-11-23", "2026-11-23T16:00:00Z", "Asia/Shanghai", False),
    (NOON, NOON, "UTC", True),
    ("2026-11-23T20:00:00+08:00", NOON, "UTC", True),
    (NOON, "2026-11-23T12:00:01Z", "UTC", False),
    (None, NOON, "UTC", True),
    (None, "2026-11-23T11:59:59Z", "UTC", False),
]


@pytest.mark.parametrize(("given", "moment", "zone", "same"), AGAIN)
def test_when_a_date_states_a_recorded_consent(
    given: str | None, moment: str, zone: str, same: bool
) -> None:
    agreement = Agreement("1y", given, notice=Shown(since=NOON))
    assert is_given_on(agreement, moment, "2026-11-30T00:00:00Z", zone) is same
