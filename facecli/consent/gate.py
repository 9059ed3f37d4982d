"""May we? The one gate that enrolment and matching pass.

A template may be compared for a purpose if, now: the purpose is not retired and its method is
the face; the subject is active (neither restricted nor alternative-only); and the subject has a
consent to the purpose's *current version* that is given, not withdrawn, not over, and for a
minor was given by a guardian. The rule stands once, in `_IN_FORCE`; everything else asks it.

A consent that was over when something was logged stays over: who sets the clock back revives none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from facecli.consent import purposes
from facecli.consent.purposes import LOST_SINCE_RESTORE, Purpose
from facecli.consent.subjects import Subject
from facecli.errors.base import Unknown
from facecli.errors.consent import AlternativeOnly, NoConsent, PurposeClosed, SubjectRestricted
from facecli.store import time_reached
from facecli.store.database import Database

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.int64]

# A consent `c` of a subject `s` that is in force for version :version at :now, and was not over
# when the log reached :reached.
_IN_FORCE = """
    s.state = 'active'
    AND c.purpose_id = :purpose_id
    AND c.version = :version
    AND c.given_at <= :now AND c.expires_at > :reached
    AND c.withdrawn_at IS NULL
    AND (s.minor = 0 OR c.guardian IS NOT NULL)
"""


class PermittedTemplate(NamedTuple):
    """A template that may be compared now, and whose it is."""

    shard_id: int
    slot: int
    subject_id: int


@dataclass(frozen=True, eq=False)
class Permission:
    """The templates that may be compared for a purpose, and until when this answer holds.

    shards, slots, subjects: (n,) where each template lies, rising, and whose it is.
    """

    shards: Numbers
    slots: Numbers
    subjects: Numbers
    valid_until: str | None  # the first end of a consent in force; None if there is no template

    def __len__(self) -> int:
        return len(self.subjects)

    def of_shard(self, shard_id: int) -> slice:
        """Which of the templates lie in one shard."""
        start, stop = self.shards.searchsorted([shard_id, shard_id + 1]).tolist()
        return slice(start, stop)

    def index(self, template: PermittedTemplate) -> int:
        """Which of the templates this is, which is one of them."""
        inside = self.of_shard(template.shard_id)
        return int(inside.start + self.slots[inside].searchsorted(template.slot))


def open_purpose(db: Database, code: str) -> Purpose:
    """Return the purpose `code`, for which faces may be enrolled and matched now.

    Raises:
        Unknown: there is no such purpose.
        PurposeClosed: it is retired, lost since a restore, or does not compare faces.
    """
    purpose = purposes.find_any(db, code)
    if purpose is None:
        raise Unknown(kind="purpose", name=code)
    check_purpose(purpose)
    return purpose


def check_purpose(purpose: Purpose) -> None:
    """Refuse a purpose for which no face may be enrolled or matched at all.

    Raises:
        PurposeClosed
    """
    if purpose.retired_at is not None:
        why = f"the purpose is retired since {purpose.retired_at}"
        raise PurposeClosed(purpose=purpose.code, why=why, reason="purpose-retired")
    if purpose.is_lost:
        raise PurposeClosed(purpose=purpose.code, why=LOST_SINCE_RESTORE, reason="purpose-lost")
    if not purpose.compares_faces:
        why = f"the purpose's method is {purpose.terms.method!r}, not the face"
        raise PurposeClosed(purpose=purpose.code, why=why, reason="other-method")


def require(db: Database, subject: Subject, purpose: Purpose, now: str) -> str:
    """Pass if the subject may be enrolled and matched for the purpose now.

    Returns:
        Until when that holds: the end of the consent that lasts longest.

    Raises:
        NoConsent: with the reason code and, in words, why not.
    """
    check_purpose(purpose)
    until = db.value(
        "SELECT max(c.expires_at) FROM consent c JOIN subject s ON s.id = c.subject_id"
        f" WHERE s.id = :subject_id AND {_IN_FORCE}",
        {**_parameters(db, purpose, now), "subject_id": subject.subject_id},
    )
    if until is None:
        raise _refusal(db, subject, purpose, now)
    return str(until)


def permitted_of(
    db: Database, subject: Subject, purpose: Purpose, engine_id: str, now: str
) -> list[PermittedTemplate]:
    """The templates of one subject that may be compared for the purpose now.

    Raises:
        NoConsent: see `require`.
    """
    require(db, subject, purpose, now)
    rows = db.rows(
        "SELECT t.shard_id, t.slot, t.subject_id FROM template t"
        " JOIN template_shard h ON h.id = t.shard_id"
        " WHERE t.subject_id = ? AND t.purpose_id = ? AND h.engine_id = ?",
        (subject.subject_id, purpose.purpose_id, engine_id),
    )
    return [PermittedTemplate(*row) for row in rows]


def permitted(db: Database, purpose: Purpose, engine_id: str, now: str) -> Permission:
    """The templates of one engine that may be compared for the purpose now.

    Raises:
        NoConsent: the purpose is retired or its method is not the face.
    """
    import numpy as np

    check_purpose(purpose)
    # Lists of numbers as text: a million of them take a third of the time that rows take.
    people, until = db.rows(
        "SELECT group_concat(s.id), min(c.expires_at) FROM consent c"
        f" JOIN subject s ON s.id = c.subject_id WHERE {_IN_FORCE}",
        _parameters(db, purpose, now),
    )[0]
    templates = db.rows(
        "SELECT group_concat(shard_id), group_concat(slot), group_concat(subject_id) FROM template"
        " WHERE purpose_id = ?"
        " AND +shard_id IN (SELECT id FROM template_shard WHERE engine_id = ?)",
        (purpose.purpose_id, engine_id),
    )[0]
    shards, slots, subjects = map(_numbers, templates)
    order = np.lexsort((slots, shards))
    order = order[np.isin(subjects[order], _numbers(people))]
    return Permission(shards[order], slots[order], subjects[order], until if len(order) else None)


def permitted_sample(
    db: Database, purpose: Purpose, engine_id: str, now: str, size: int
) -> list[PermittedTemplate]:
    """One template each of up to `size` subjects that may be compared for the purpose now.

    Who is chosen does not depend on anything they are: they come in the order of their templates'
    random ids. So the choice stays until one of them goes, and who has gone is in no later one.
    Costs as many steps as templates are looked at, not as there are.

    Raises:
        NoConsent: as `permitted`.
    """
    check_purpose(purpose)
    parameters = {**_parameters(db, purpose, now), "engine_id": engine_id}
    rows = db.stream(
        "SELECT t.shard_id, t.slot, t.subject_id FROM template t"
        " JOIN template_shard h ON h.id = t.shard_id"
        " WHERE t.template_id > '' AND +t.purpose_id = :purpose_id AND h.engine_id = :engine_id"
        " AND EXISTS (SELECT 1 FROM subject s JOIN consent c ON c.subject_id = s.id"
        f" WHERE s.id = t.subject_id AND {_IN_FORCE}) ORDER BY t.template_id",
        parameters,
    )
    chosen: dict[int, PermittedTemplate] = {}
    for shard_id, slot, subject_id in rows:
        chosen.setdefault(subject_id, PermittedTemplate(shard_id, slot, subject_id))
        if len(chosen) == size:
            break
    return list(chosen.values())


def _parameters(db: Database, purpose: Purpose, now: str) -> dict[str, object]:
    return {
        "purpose_id": purpose.purpose_id,
        "version": purpose.version,
        "now": now,
        "reached": time_reached.later(db, now),
    }


def _numbers(listed: str | None) -> Numbers:
    """(n,) numbers of a `group_concat`."""
    import numpy as np

    return np.fromstring(listed, np.int64, sep=",") if listed else np.empty(0, np.int64)


def _refusal(db: Database, subject: Subject, purpose: Purpose, now: str) -> NoConsent:
    """Why `require` says no, as an error; a new consent would change only the last one."""
    reason, why = _explain(db, subject, purpose, now)
    details = {"ref": subject.ref, "purpose": purpose.code, "why": why}
    if reason == "restricted":
        return SubjectRestricted(**details)
    if reason == "alternative-only":
        return AlternativeOnly(**details)
    return NoConsent(**details, reason=reason)


def _explain(db: Database, subject: Subject, purpose: Purpose, now: str) -> tuple[str, str]:
    """Why `require` says no: a reason code and words, from the subject's state and consents."""
    if subject.state != "active":
        return subject.state, f"the subject is {subject.state}"
    consents = db.rows(
        "SELECT version, expires_at, withdrawn_at, guardian FROM consent"
        " WHERE subject_id = ? AND purpose_id = ? ORDER BY id",
        (subject.subject_id, purpose.purpose_id),
    )
    if not consents:
        return "no-consent", "no consent is recorded"
    current = [consent for consent in consents if consent["version"] == purpose.version]
    if not current:
        version = consents[-1]["version"]
        why = f"the consent is to version {version}, and version {purpose.version} is in force"
        return "consent-other-version", why
    standing = [consent for consent in current if consent["withdrawn_at"] is None]
    if not standing:
        return "no-consent", "the consent was withdrawn"
    latest = max(consent["expires_at"] for consent in standing)
    if latest <= now:
        return "consent-expired", f"the consent ended {latest}"
    if latest <= time_reached.reached(db):
        why = f"the consent ended {latest}, and the clock was set back to {now} since"
        return "consent-expired", why
    if subject.minor and all(consent["guardian"] is None for consent in standing):
        return "no-guardian", "a guardian must consent for a minor"
    return "no-consent", "the consent is not yet in force"
