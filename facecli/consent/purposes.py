"""Purposes: the uses of a face that people consent to, in versions that bind the consents.

A purpose file (TOML) is kept under version control and can be applied again at any time. A minor
change makes a *revision*: consents stay valid. Every other change makes a new *version*, under
which no earlier consent counts (PIPL 14; Guo v. Hangzhou Wildlife World).

The log records that terms changed, with their digest but not their text. After a restore, a change
that only the log knows leaves a version whose terms are *lost*: the purpose is closed until its
file is applied again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from facecli.audit.entries import Act
from facecli.consent import dates, notices, purpose_texts
from facecli.consent.purpose_languages import Behind, left_behind
from facecli.consent.purpose_terms import LISTS, Purpose, Terms, compare
from facecli.errors.base import Unknown
from facecli.errors.command_line import BadInput
from facecli.errors.consent import PurposeRetired
from facecli.store import meta, time_reached
from facecli.store.database import Database
from facecli.times import add

# An index has the subjects of a version in order, which makes DISTINCT cheap. Another has the few
# consents that are over: whoever has no other is taken off.
_PEOPLE_IN_FORCE = """
    WITH standing AS (
        SELECT subject_id, expires FROM consent
        WHERE purpose_id = ?1 AND version = ?2 AND withdrawn_at IS NULL
    )
    SELECT (SELECT count(DISTINCT subject_id) FROM standing) - (
        SELECT count(DISTINCT o.subject_id) FROM consent o INDEXED BY consent_by_end
        WHERE o.withdrawn_at IS NULL AND o.expires <= unixepoch(?3)
            AND o.purpose_id = ?1 AND o.version = ?2
            AND NOT EXISTS (
                SELECT 1 FROM standing s
                WHERE s.subject_id = o.subject_id AND s.expires > unixepoch(?3)))
"""
LOST = "lost_terms/"  # and the purpose's code, in `meta`: the digest of terms that are lost


@dataclass(frozen=True)
class PurposeChange:
    """The effect of applying a file on one purpose.

    `consents_ended` counts the consents in force that a new version ends. Their data is suspended,
    and due at `due_at` for whoever has not agreed again; None: no consent ends. `behind`: texts
    that change in some languages and not in the others.
    """

    code: str
    kind: Literal["new", "version", "revision", "unchanged"]
    version: int
    revision: int
    fields: tuple[tuple[str, Any, Any], ...]  # name, before, after
    consents_ended: int
    due_at: str | None = None
    behind: tuple[Behind, ...] = ()


def check_begun(db: Database, wanted: Mapping[str, Terms], zone: str | None, now: str) -> None:
    """Refuse terms that are in force since a day that has not begun.

    Args:
        zone: the time zone that the file states, or None: that of the database.

    Raises:
        BadInput
    """
    today = dates.day_of(time_reached.later(db, now), zone or dates.zone_of(db))
    for code, terms in wanted.items():
        if terms.in_force_since is not None and terms.in_force_since > today:
            why = (
                f"`in_force_since` is {terms.in_force_since}, and today is {today}; leave it out, "
                "or apply the file on that day"
            )
            raise BadInput(what=f"The purpose {code}", why=why)


def plan(db: Database, wanted: Mapping[str, Terms], now: str) -> list[PurposeChange]:
    """Return the changes that applying `wanted` would make, in the file's order.

    Raises:
        BadInput: a purpose of the file is retired.
    """
    return [_plan_one(db, code, terms, now) for code, terms in wanted.items()]


def _plan_one(db: Database, code: str, terms: Terms, now: str) -> PurposeChange:
    current = find_any(db, code)
    if current is None:
        return PurposeChange(code, "new", 1, 0, (), 0)
    if current.retired_at is not None:
        raise BadInput(what=f"The purpose {code}", why="it is retired; choose a new code")
    changed, new_version = compare(current.terms, terms)
    if current.is_lost:
        new_version = terms.digest != _lost_digest(db, current)
    elif not changed:
        return PurposeChange(code, "unchanged", current.version, current.revision, (), 0)
    behind = left_behind(current.terms, terms)
    if not new_version:
        revision = current.revision + 1
        return PurposeChange(code, "revision", current.version, revision, changed, 0, None, behind)
    ended = consents_in_force(db, current, now)
    due_at = add(now, terms.ask_again_within) if ended else None
    return PurposeChange(code, "version", current.version + 1, 0, changed, ended, due_at, behind)


def consents_in_force(db: Database, purpose: Purpose, now: str) -> int:
    """Count the consents to the present version that are in force."""
    return int(
        db.value(
            "SELECT count(*) FROM consent INDEXED BY consent_by_end WHERE purpose_id = ?"
            " AND version = ? AND withdrawn_at IS NULL AND expires > unixepoch(?)",
            (purpose.purpose_id, purpose.version, now),
        )
    )


def apply(act: Act, wanted: Mapping[str, Terms]) -> list[PurposeChange]:
    """Create or revise purposes, with a log entry for each change.

    Applying the same terms again changes nothing.
    """
    changes = plan(act.db, wanted, act.now)
    for change in changes:
        if change.kind != "unchanged":
            _store(act, change, wanted[change.code])
    return changes


def _store(act: Act, change: PurposeChange, terms: Terms) -> None:
    if change.kind == "new":
        purpose_id = act.db.insert("purpose", code=change.code)
    else:
        purpose_id = act.db.value("SELECT id FROM purpose WHERE code = ?", (change.code,))
    meta.drop(act.db, f"{LOST}{change.code}")
    _add_version(act.db, purpose_id, change.version, change.revision, act.now, terms)
    details: dict[str, Any] = {
        "kind": change.kind,
        "version": change.version,
        "revision": change.revision,
        "fields": [name for name, _, _ in change.fields],
        "consents_ended": change.consents_ended,
        "notice_sha256": terms.notice_sha256,
        "terms_sha256": terms.digest,
    }
    if terms.notice_lang is not None:
        details["notices"] = {str(one.language): one.sha256 for one in terms.notices}
    act.record("purpose.apply", purpose=change.code, details=details)


def _add_version(
    db: Database, purpose_id: int, version: int, revision: int, valid_from: str, terms: Terms
) -> None:
    lists = {name: json.dumps(getattr(terms, name)) for name in LISTS}
    values = {**asdict(terms), **lists, "texts": purpose_texts.to_json(terms.texts)}
    del values["further_notices"]
    version_id = db.insert(
        "purpose_version",
        purpose_id=purpose_id,
        version=version,
        revision=revision,
        valid_from=valid_from,
        **values,
    )
    notices.keep(db, version_id, terms.further_notices)


def lose(act: Act, code: str, at: str, details: Mapping[str, Any]) -> None:
    """Store a revision whose terms were lost: only the log knows it. Skip an unknown purpose.

    Args:
        at: time of the revision.
        details: of the entry `purpose.apply`.
    """
    purpose = find_any(act.db, code)
    if purpose is None:
        return
    terms = replace(purpose.terms, notice="", notice_lang=None, further_notices=())
    version, revision = details["version"], details["revision"]
    _add_version(act.db, purpose.purpose_id, version, revision, at, terms)
    meta.put(act.db, f"{LOST}{code}", details["terms_sha256"])
    act.record("purpose.apply", purpose=code, details=details)


def _lost_digest(db: Database, purpose: Purpose) -> str:
    return str(meta.find(db, f"{LOST}{purpose.code}"))


def retire(act: Act, code: str, at: str | None = None) -> Purpose:
    """End a purpose: facecli no longer enrols or matches faces for it.

    Args:
        at: time of the end, if it is not now.

    Raises:
        Unknown: there is no such purpose, or it is retired already.
    """
    purpose = find(act.db, code)
    ended = at or time_reached.believed(act.db, act.now)  # due at once by the right clock too
    act.db.execute("UPDATE purpose SET retired_at = ? WHERE id = ?", (ended, purpose.purpose_id))
    act.record("purpose.retire", purpose=code, details={"version": purpose.version})
    return purpose


def take_over(copy: Database, present: Database) -> None:
    """Copy the purposes and the time zone of the present database.

    So consents to earlier versions do not count again.
    Purposes and revisions that only `copy` has stay.
    """
    meta.put(copy, dates.NAME, dates.zone_of(present))
    for name in meta.find_all(copy, LOST):
        meta.drop(copy, name)
    for name, digest in meta.find_all(present, LOST).items():
        meta.put(copy, name, digest)
    for purpose in present.rows("SELECT * FROM purpose ORDER BY id"):
        copy.execute(
            "INSERT INTO purpose (code, retired_at) VALUES (:code, :retired_at)"
            " ON CONFLICT (code) DO UPDATE SET retired_at = excluded.retired_at",
            {"code": purpose["code"], "retired_at": purpose["retired_at"]},
        )
        purpose_id = copy.value("SELECT id FROM purpose WHERE code = ?", (purpose["code"],))
        known = set(
            copy.tuples(
                "SELECT version, revision FROM purpose_version WHERE purpose_id = ?", (purpose_id,)
            )
        )
        for row in present.rows(
            "SELECT * FROM purpose_version WHERE purpose_id = ? ORDER BY id", (purpose["id"],)
        ):
            if (row["version"], row["revision"]) not in known:
                values = {name: row[name] for name in row.keys() if name != "id"}  # noqa: SIM118
                taken = copy.insert("purpose_version", **{**values, "purpose_id": purpose_id})
                notices.keep(copy, taken, notices.stored(present, row["id"]))


# -- finding ------------------------------------------------------------------------------


def find(db: Database, code: str) -> Purpose:
    """Find the purpose `code`, which must not be retired.

    Raises:
        Unknown: there is no such purpose, or it is retired.
    """
    purpose = find_known(db, code)
    if purpose.retired_at is not None:
        raise PurposeRetired(name=code, at=purpose.retired_at)
    return purpose


def find_known(db: Database, code: str) -> Purpose:
    """Find the purpose `code`, retired or not.

    Raises:
        Unknown: there is no such purpose.
    """
    purpose = find_any(db, code)
    if purpose is None:
        raise Unknown(kind="purpose", name=code)
    return purpose


def find_any(db: Database, code: str) -> Purpose | None:
    """Find the purpose `code`, retired or not; None if there is none."""
    row = db.row("SELECT * FROM purpose_current WHERE code = ?", (code,))
    return None if row is None else _from_row(db, row)


def find_by_id(db: Database, purpose_id: int) -> Purpose:
    """Return the purpose with this row id, retired or not.

    Raises:
        LookupError: there is no such row.
    """
    row = db.row("SELECT * FROM purpose_current WHERE purpose_id = ?", (purpose_id,))
    if row is None:
        raise LookupError(f"no purpose has the row id {purpose_id}")
    return _from_row(db, row)


def list_all(db: Database) -> list[Purpose]:
    """Return every purpose as it stands now, retired ones too, by code."""
    return [_from_row(db, row) for row in db.rows("SELECT * FROM purpose_current ORDER BY code")]


def _terms_from_row(db: Database, row: Any) -> Terms:
    apart = {*LISTS, "case_required", "further_notices", "texts"}
    values: dict[str, Any] = {
        field.name: row[field.name] for field in fields(Terms) if field.name not in apart
    }
    values |= {name: tuple(json.loads(row[name])) for name in LISTS}
    return Terms(
        case_required=bool(row["case_required"]),
        further_notices=notices.stored(db, row["id"]),
        texts=purpose_texts.from_json(row["texts"]),
        **values,
    )


def _from_row(db: Database, row: Any) -> Purpose:
    return Purpose(
        purpose_id=row["purpose_id"],
        version_id=row["id"],
        code=row["code"],
        version=row["version"],
        revision=row["revision"],
        version_since=row["version_since"],
        valid_from=row["valid_from"],
        retired_at=row["retired_at"],
        terms=_terms_from_row(db, row),
    )


def terms_of(db: Database, version_id: int) -> Terms:
    """Return the terms of one recorded revision of a purpose, current or not."""
    row = db.row("SELECT * FROM purpose_version WHERE id = ?", (version_id,))
    if row is None:
        raise Unknown(kind="purpose", name=str(version_id))
    return _terms_from_row(db, row)


def standing_terms(db: Database, version_id: int, language: str | None) -> Terms:
    """Return the terms as they stand of the version that one of its revisions belongs to.

    The one notice is that of the revision given, in the language that the person was shown.
    """
    shown = terms_of(db, version_id)
    latest = db.row(
        "SELECT v.* FROM purpose_version v JOIN purpose_version own USING (purpose_id, version)"
        " WHERE own.id = ? ORDER BY v.revision DESC LIMIT 1",
        (version_id,),
    )
    standing = _terms_from_row(db, latest)
    notice = notices.in_language(shown.notices, language, f"the version {version_id}")
    return replace(
        standing,
        notice=notice.text,
        notice_sha256=notice.sha256,
        notice_lang=notice.language,
        further_notices=(),
        language=standing.own_language,
    )


def people_in_force(db: Database, now: str) -> dict[int, int]:
    """Count the subjects who agreed to each purpose as it stands now, by the purpose's id."""
    used = db.tuples("SELECT purpose_id, version FROM purpose_current WHERE retired_at IS NULL")
    return {
        purpose: int(db.value(_PEOPLE_IN_FORCE, (purpose, version, now)))
        for purpose, version in used
    }
