"""Purposes: the uses of a face that people consent to, in versions that bind the consents.

A purpose file (TOML) is kept under version control and can be applied again at any time. A change
that only restricts the controller (shorter retention, a stricter false-match rate, less data), or
that changes nothing for the person (a contact, a date of review), is a *minor revision*: consents
stay valid. Every other change makes a new *version*, under which no earlier consent counts
(PIPL 14; Guo v. Hangzhou Wildlife World).

The log records that terms changed, with their digest but not their text. After a restore, a change
that only the log knows leaves a version whose terms are *lost*: the purpose is closed until its
file is applied again.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from facecli.audit.entries import Act
from facecli.consent import dates, notices
from facecli.consent.notices import Notice
from facecli.consent.purpose_revisions import LENGTHS
from facecli.errors.base import Unknown
from facecli.errors.command_line import BadInput
from facecli.errors.consent import PurposeRetired
from facecli.store import meta
from facecli.store.database import Database
from facecli.times import add, is_longer

ASK_AGAIN_WITHIN = "30d"  # where a file does not state it
METHODS = ("face", "fingerprint", "iris", "palm", "voice", "card", "pin", "staff")
FACE = "face"  # the one method that facecli compares
MINOR = {
    "controller_contact", "impact_assessment", "in_force_since", "notice_correction", "notice_lang",
    "review_by",
}  # fmt: skip
"""Fields that change nothing for the person."""
NOTICES = {"notice_sha256", "further_notices"}
LOST_SINCE_RESTORE = "its terms were lost in a restore; apply its file again"
LOST = "lost_terms/"  # and the purpose's code, in `meta`: the digest of terms that are lost


@dataclass(frozen=True)
class Terms:
    """The terms of one version of a purpose: everything that a purpose file states.

    max_templates: of one subject; 0 is no cap. review_by: a day. notice_correction: what was
    corrected in the notices, where their last change was only that. notice: the principal notice,
    in `notice_lang`, where the file states that; `further_notices` are by language.
    """

    controller_name: str
    controller_contact: str
    title: str
    method: str
    scope: str
    data: tuple[str, ...]
    necessity: str
    impact: str
    legal_basis: str
    alternative: str
    impact_assessment: str
    rights: str
    notice: str
    notice_sha256: str
    max_consent: str
    retain_template: str
    retain_photo: str
    retain_match: str
    inactive_after: str
    threshold_fmr: float
    ask_again_within: str = ASK_AGAIN_WITHIN
    max_templates: int = 0
    review_by: str | None = None
    notice_correction: str | None = None
    in_force_since: str | None = None  # a day; says how far back forms of the first version reach
    notice_lang: str | None = None
    further_notices: tuple[Notice, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of all terms that state something, in hex. The log identifies terms by it."""
        terms = {name: value for name, value in asdict(self).items() if value not in (None, 0, ())}
        stated = json.dumps(terms, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(stated.encode()).hexdigest()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The notice in each of its languages, the principal one first."""
        return (Notice(self.notice_lang, self.notice), *self.further_notices)

    def room_for_templates(self, held: int) -> int:
        """Return how many more templates a subject may have who has `held` of them."""
        return max(self.max_templates - held, 0) if self.max_templates else sys.maxsize


@dataclass(frozen=True)
class Purpose:
    """A purpose as it stands now."""

    purpose_id: int
    version_id: int
    code: str
    version: int
    revision: int
    version_since: str
    valid_from: str  # of this revision
    retired_at: str | None
    terms: Terms

    @property
    def is_lost(self) -> bool:
        """True if the terms were lost in a restore. No other notice is empty."""
        return not self.terms.notice

    def notice_in(self, language: str | None) -> Notice:
        """Return the notice in a language; without one, the principal notice.

        Raises:
            BadInput: there is none in this language.
        """
        return notices.in_language(self.terms.notices, language, f"The purpose {self.code}")

    @property
    def compares_faces(self) -> bool:
        """True if the stated method is the face: only then may faces be enrolled or matched."""
        return self.terms.method == FACE


@dataclass(frozen=True)
class PurposeChange:
    """The effect of applying a file on one purpose.

    `consents_ended` counts the consents in force that a new version ends. Their data is suspended,
    and due at `due_at` for whoever has not agreed again; None: no consent ends.
    """

    code: str
    kind: Literal["new", "version", "revision", "unchanged"]
    version: int
    revision: int
    fields: tuple[tuple[str, Any, Any], ...]  # name, before, after
    consents_ended: int
    due_at: str | None = None


# -- comparing and applying ---------------------------------------------------------------


def compare(before: Terms, after: Terms) -> tuple[tuple[tuple[str, Any, Any], ...], bool]:
    """Return the fields that differ, as (name, before, after), and True if that is a new version.

    The notices count by their texts. A change of them is minor if every text is still there that
    people may have been shown, or if a new `notice_correction` says so.
    """
    olds, news = _compared(before), _compared(after)
    changed = tuple((name, olds[name], news[name]) for name in olds if olds[name] != news[name])
    corrected = after.notice_correction not in (None, before.notice_correction)
    spoken = corrected or _notice_digests(before) <= _notice_digests(after)
    return changed, not all(
        _is_minor(name, old, new) or (name in NOTICES and spoken) for name, old, new in changed
    )


def _compared(terms: Terms) -> dict[str, Any]:
    """Return the fields by name; hashes stand for the notices."""
    further = {str(notice.language): notice.sha256 for notice in terms.further_notices}
    values = {field.name: getattr(terms, field.name) for field in fields(Terms)}
    del values["notice"]
    return {**values, "further_notices": further}


def _notice_digests(terms: Terms) -> set[str]:
    return {terms.notice_sha256, *(notice.sha256 for notice in terms.further_notices)}


def _is_minor(name: str, old: Any, new: Any) -> bool:
    """Return True if the change of one field takes nothing from the person."""
    if name in LENGTHS or name == "ask_again_within":
        return not is_longer(new, old)
    if name == "data":
        return set(new) <= set(old)
    if name == "threshold_fmr":
        return bool(new < old)
    if name == "max_templates":
        return bool(0 < new and (old == 0 or new < old))
    return name in MINOR


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
    if not new_version:
        return PurposeChange(code, "revision", current.version, current.revision + 1, changed, 0)
    ended = consents_in_force(db, current, now)
    due_at = add(now, terms.ask_again_within) if ended else None
    return PurposeChange(code, "version", current.version + 1, 0, changed, ended, due_at)


def consents_in_force(db: Database, purpose: Purpose, now: str) -> int:
    """Count the consents to the present version that are in force."""
    return int(
        db.value(
            "SELECT count(*) FROM consent WHERE purpose_id = ? AND version = ?"
            " AND withdrawn_at IS NULL AND expires_at > ?",
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
    values = {**asdict(terms), "data": json.dumps(terms.data)}
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
    act.db.execute(
        "UPDATE purpose SET retired_at = ? WHERE id = ?", (at or act.now, purpose.purpose_id)
    )
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
    stated = {field.name for field in fields(Terms)} - {"data", "further_notices"}
    return Terms(
        data=tuple(json.loads(row["data"])),
        further_notices=notices.stored(db, row["id"]),
        **{name: row[name] for name in stated},
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
    notice = notices.in_language(shown.notices, language, f"The version {version_id}")
    return replace(
        standing,
        notice=notice.text,
        notice_sha256=notice.sha256,
        notice_lang=notice.language,
        further_notices=(),
    )


def processing_in_words(terms: Terms) -> dict[str, str]:
    """Return the terms of the processing by their labels, for notice and receipt."""
    return {
        "Controller": f"{terms.controller_name}, {terms.controller_contact}",
        "Method": terms.method,
        "Scope": terms.scope,
        "Data": ", ".join(terms.data),
        "Necessity": terms.necessity,
        "Impact": terms.impact,
        "Legal basis": terms.legal_basis,
        "Alternative": terms.alternative,
        "Your rights": terms.rights,
    }


def retention_in_words(terms: Terms) -> dict[str, str]:
    """Return the retention terms and the impact assessment by their labels."""
    cap = terms.max_templates
    lines = {
        "Templates": f"at most {cap} of a subject" if cap else None,
        "Template kept": terms.retain_template,
        "Photo kept": terms.retain_photo,
        "Matches kept": terms.retain_match,
        "Inactive after": terms.inactive_after,
        "Asked again within": f"{terms.ask_again_within} of a new version",
        "Assessment": terms.impact_assessment,
        "Reviewed by": terms.review_by,
        "Notice corrected": terms.notice_correction,
    }
    return {name: text for name, text in lines.items() if text is not None}


def statement(purpose: Purpose) -> dict[str, str]:
    """Return the fields that a person is shown before consenting, by their labels."""
    terms = purpose.terms
    lines = {
        "Purpose": f"{terms.title} ({purpose.code}, version {purpose.version})",
        **processing_in_words(terms),
        "Consent lasts": f"at most {terms.max_consent}",
        **retention_in_words(terms),
        "Notice SHA-256": terms.notice_sha256,
    }
    if terms.notice_lang is not None:
        lines["Notice languages"] = ", ".join(str(one.language) for one in terms.notices)
    if terms.in_force_since and purpose.version == 1:
        lines["Forms count since"] = terms.in_force_since
    if purpose.retired_at is not None:
        lines["Retired"] = purpose.retired_at
    if purpose.is_lost:
        lines["Closed"] = LOST_SINCE_RESTORE
    return lines


def people_in_force(db: Database, now: str) -> dict[int, int]:
    """Count the subjects who agreed to each purpose as it stands now, by the purpose's id."""
    rows = db.tuples(
        "SELECT c.purpose_id, count(DISTINCT c.subject_id) FROM consent c"
        " JOIN purpose_current p ON p.purpose_id = c.purpose_id AND p.version = c.version"
        " WHERE c.withdrawn_at IS NULL AND c.expires_at > ? AND p.retired_at IS NULL GROUP BY 1",
        (now,),
    )
    return dict(rows)
