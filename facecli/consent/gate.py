"""The gate: the one place that decides whether a face may be enrolled and matched.

A template may be compared for a purpose now if all of this holds:

- the purpose is not retired, and its method is the face;
- the subject is active, neither restricted nor alternative-only;
- the subject has a consent to the purpose's *current version* that is given, not withdrawn and not
  over, and for a minor was given by a guardian (`_IN_FORCE`);
- neither the consent nor the template is due by the retention policy (`retention.decide`), whether
  or not a purge ran.

Whether something is over is asked of the latest time that the log has reached: setting the clock
back revives nothing.

For a whole gallery the consents are counted in one index, less those that are over, in another. The
subjects who are not active adults are asked one by one. The policy's answer comes from what is
over: seeks in an index of interactions, and the rows of the shards that hold templates old enough.
That costs nothing where little is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from facecli.consent import holds, interactions, lapses, purposes, retention_facts, subjects
from facecli.consent.dates import end_of_day, last_day, zone_of
from facecli.consent.purpose_terms import LOST_SINCE_RESTORE, Purpose
from facecli.consent.retention import NEVER, RetentionRules, Spans, due_or_held, first_over
from facecli.consent.sql_age_bounds import latest_edge
from facecli.consent.subjects import Subject
from facecli.errors.consent import (
    AlternativeOnly,
    HoldOver,
    NoConsent,
    PurposeClosed,
    SubjectRestricted,
)
from facecli.store import shards, templates, time_reached
from facecli.store.database import Database, id_lists, id_ranges
from facecli.store.packed import moment_text
from facecli.store.shards import Shard

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ids = npt.NDArray[np.uint32]

# A consent `c` to :version that is in force at :now and was not over when the log reached :reached,
# of a subject `s` who may be compared.
_IN_FORCE = """
    s.state = 'active'
    AND (s.minor = 0 OR c.guardian IS NOT NULL)
    AND c.purpose_id = :purpose_id
    AND c.version = :version
    AND c.given <= unixepoch(:now) AND c.expires > unixepoch(:reached)
    AND c.withdrawn_at IS NULL
"""
# The subject of each consent to :version that has begun and was not withdrawn. Of those `_APART`
# alone the rest of `_IN_FORCE` is asked. The ids are one text: a million of them take a third of
# the time that rows take. They are asked for a range of subjects at a time, since SQLite makes no
# text of more than 1e9 bytes.
_STANDING = """
    SELECT group_concat(c.subject_id) FROM consent c INDEXED BY consent_standing
    WHERE c.purpose_id = :purpose_id AND c.version = :version AND c.withdrawn_at IS NULL
    AND c.given <= unixepoch(:now) AND c.subject_id BETWEEN :first AND :last
"""
# The subject of each of these consents that is over, in one text, which takes a hundred million.
# Their beginning, which the index has not, is in question only where the clock was set back.
_ENDED = """
    SELECT group_concat(c.subject_id) FROM consent c INDEXED BY consent_by_end
    WHERE c.withdrawn_at IS NULL AND c.expires <= unixepoch(:reached)
    AND c.purpose_id = :purpose_id AND c.version = :version
    AND (:reached = :now OR c.given <= unixepoch(:now))
"""
# The subjects who are not active adults.
_APART = "SELECT id FROM subject WHERE state <> 'active' OR minor <> 0"
_APART_IN_FORCE = f"""
    SELECT s.id FROM subject s JOIN consent c ON c.subject_id = s.id
    WHERE s.id IN (SELECT value FROM json_each(:apart)) AND {_IN_FORCE}
"""
_FIRST_END = """
    SELECT c.expires FROM consent c INDEXED BY consent_by_end
    WHERE c.withdrawn_at IS NULL AND c.expires > unixepoch(:reached)
    AND c.purpose_id = :purpose_id AND c.version = :version ORDER BY c.expires LIMIT 1
"""


class PermittedTemplate(NamedTuple):
    """A template that may be compared now, with its subject."""

    shard_id: int
    slot: int
    subject_id: int


@dataclass(frozen=True, eq=False)
class Permission:
    """The templates that may be compared for a purpose, and the time until which this holds.

    shards, slots, subjects: (n,) uint32, the place of each template, rising, and its subject.
    """

    shards: Ids
    slots: Ids
    subjects: Ids
    valid_until: str | None  # the first end of anything, also of a hold; None if nothing ends

    def __len__(self) -> int:
        return len(self.subjects)

    def without(self, subject_id: int) -> Permission:
        """Return the same without the templates of one subject."""
        kept = self.subjects != subject_id
        return Permission(
            self.shards[kept], self.slots[kept], self.subjects[kept], self.valid_until
        )

    def of_shard(self, shard_id: int) -> slice:
        """Return the slice of the templates that lie in one shard."""
        import numpy as np

        ends = np.array([shard_id, shard_id + 1], np.uint32)  # of another type, all were copied
        start, stop = self.shards.searchsorted(ends)
        return slice(int(start), int(stop))


def open_purpose(db: Database, code: str) -> Purpose:
    """Return the purpose `code`, for which faces may be enrolled and matched now.

    Raises:
        Unknown: there is no such purpose.
        PurposeClosed: it is retired, lost since a restore, or does not compare faces.
    """
    purpose = purposes.find_known(db, code)
    check_purpose(purpose)
    return purpose


def check_purpose(purpose: Purpose) -> None:
    """Refuse a purpose for which no face may be enrolled or matched at all.

    Raises:
        PurposeClosed
    """
    if purpose.retired_at is not None:
        why = f"the purpose was retired at {purpose.retired_at}"
        raise PurposeClosed(purpose=purpose.code, why=why, reason="purpose-retired")
    if purpose.is_lost:
        raise PurposeClosed(purpose=purpose.code, why=LOST_SINCE_RESTORE, reason="purpose-lost")
    if not purpose.compares_faces:
        why = f"the purpose's method is {purpose.terms.method!r}, not the face"
        raise PurposeClosed(purpose=purpose.code, why=why, reason="other-method")


def require(db: Database, subject: Subject, purpose: Purpose, now: str) -> str:
    """Pass if the subject may be enrolled and matched for the purpose now.

    Returns:
        The time until which a template made now may be compared.

    Raises:
        NoConsent: with the reason code and the reason in words.
    """
    check_purpose(purpose)
    parameters = _parameters(db, purpose, now)
    found = db.tuples(
        "SELECT c.recorded_at, c.expires_at FROM consent c JOIN subject s ON s.id = c.subject_id"
        f" WHERE s.id = :subject_id AND {_IN_FORCE}",
        {**parameters, "subject_id": subject.subject_id},
    )
    lapsed_before = lapses.latest(db, subject, purpose)
    ends = [str(expires) for recorded_at, expires in found if recorded_at >= lapsed_before]
    if not ends:
        raise _refusal(db, subject, purpose, now)
    rules = retention_facts.rules_of(db, purpose.code)
    inactive_at = _inactive_at(db, subject, purpose, rules)
    if inactive_at <= parameters["reached"]:
        why = f"the subject is inactive since {inactive_at}, and a new consent is needed"
        raise NoConsent(ref=subject.ref, purpose=purpose.code, why=why)
    return min(max(ends), inactive_at, first_over(now, rules.retain["template"]))


def permitted_of(
    db: Database, subject: Subject, purpose: Purpose, engine_id: str, now: str
) -> list[PermittedTemplate]:
    """Return the templates of one subject that may be compared for the purpose now.

    Raises:
        NoConsent: see `require`.
    """
    require(db, subject, purpose, now)
    reached = time_reached.later(db, now)
    spans = retention_facts.rules_of(db, purpose.code).retain["template"]
    lapsed_before = lapses.latest(db, subject, purpose)
    return [
        PermittedTemplate(shard_id, slot, subject.subject_id)
        for shard_id, slot, created_at in templates.places_of(
            db, subject.subject_id, purpose.purpose_id, engine_id
        )
        if created_at >= lapsed_before and first_over(created_at, spans) > reached
    ]


def _first_change(db: Database, now: str, ends: Sequence[str]) -> str | None:
    """Return the first moment at which the gallery changes by itself: an end, or that of a hold."""
    _, release = holds.in_force(db, now)
    return min([*ends, release] if release else ends, default=None)


def permitted(db: Database, purpose: Purpose, engine_id: str, now: str) -> Permission:
    """Return the templates of one engine that may be compared for the purpose now.

    Raises:
        NoConsent: the purpose is retired or its method is not the face.
        ShardDamaged: a shard and the rows of its templates name different subjects.
    """
    import numpy as np

    check_purpose(purpose)
    held = shards.of_gallery(db, purpose.purpose_id, engine_id)
    over = _over(db, purpose, held, now)
    people = _people_in_force(db, purpose, now)
    people.put(list(over.subjects), False, mode="clip")
    sums = templates.kept_sums(db, purpose.purpose_id, engine_id)
    found = np.empty((3, sum(shard.used for shard in held)), np.uint32)
    count = 0
    for shard in held:
        subjects = templates.subjects_in(db, shard, sums[shard.shard_id])
        allowed = people.take(subjects, mode="clip")
        allowed[list(over.slots.get(shard.shard_id, ()))] = False
        slots = np.flatnonzero(allowed)
        part = found[:, count : count + len(slots)]
        part[0], part[1], part[2] = shard.shard_id, slots, subjects[slots]
        count += len(slots)
    ends = [_first_end(db, purpose, now), over.until] if count else []
    shard_ids, places, owners = found[:, :count]
    return Permission(shard_ids, places, owners, _first_change(db, now, ends))


def due_photos(db: Database, subject: Subject, now: str) -> set[int]:
    """Return the ids of the subject's kept photos that are due, and so are not looked at."""
    fact = retention_facts.of_one(db, subject)
    reached = time_reached.later(db, now)
    return {
        one.item_id
        for one in due_or_held(fact, retention_facts.rules(db), reached)
        if one.what == "photo"
    }


class _Over(NamedTuple):
    """The part of a purpose's gallery that the retention policy takes out.

    subjects: with no consent left that is not due. slots: by shard, those of templates that are
    due by themselves. until: the time at which something more is due.
    """

    subjects: set[int]
    slots: dict[int, set[int]]
    until: str


def _over(db: Database, purpose: Purpose, held: Sequence[Shard], now: str) -> _Over:
    """Return what is due for a purpose at the time reached, of the consents in force.

    Args:
        held: the shards of the gallery. Rows are asked of those that hold a template old enough.
    """
    reached = time_reached.later(db, now)
    rules = retention_facts.rules_of(db, purpose.code)
    inactive, next_inactive = interactions.inactive(db, purpose.purpose_id, rules, reached)
    spans = rules.retain["template"]
    edge = latest_edge(spans, reached)
    slots: dict[int, set[int]] = {}
    following = [next_inactive]
    first_made: list[str] = []
    for shard in held:
        made: str | None = shard.oldest
        if made and made < edge:
            old = templates.older_than(db, shard.shard_id, edge)
            ends = [(first_over(created_at, spans), slot) for slot, created_at in old]
            slots[shard.shard_id] = {slot for end, slot in ends if end <= reached}
            following += [end for end, _ in ends if end > reached]
            made = templates.first_from(db, shard.shard_id, edge)
        if made:
            first_made.append(made)
    if first_made:
        following.append(_no_later_than(min(first_made), spans))
    subjects = set(inactive)
    for subject_id, before in lapses.of_purpose(db, purpose.purpose_id).items():
        for shard_id, slot in templates.places_before(db, subject_id, purpose.purpose_id, before):
            slots.setdefault(shard_id, set()).add(slot)
        if not _agreed_since(db, purpose, now, subject_id, before):
            subjects.add(subject_id)
    return _Over(subjects, slots, min(following))


def _people_in_force(db: Database, purpose: Purpose, now: str) -> npt.NDArray[np.bool_]:
    """Return (n,) True at the id of each subject with a consent in force.

    n is beyond the ids of all subjects, and the last one is False.
    """
    import numpy as np

    parameters = _parameters(db, purpose, now)
    last_id = subjects.last_id(db)
    counts = np.zeros(last_id + 2, np.int64)  # of consents in force, by the subject
    for first, last in id_ranges(last_id):
        within = {"first": first, "last": min(last, last_id)}
        standing = _numbers(db.value(_STANDING, {**parameters, **within}))
        part = counts[first : within["last"] + 1]
        part += np.bincount(standing - first, minlength=len(part))
    np.subtract.at(counts, _numbers(db.value(_ENDED, parameters)), 1)
    found = counts > 0
    apart = [subject_id for (subject_id,) in db.stream(_APART)]
    found.put(apart, False, mode="clip")
    for listed in id_lists(apart):
        allowed = db.tuples(_APART_IN_FORCE, {**parameters, "apart": listed})
        found[[subject_id for (subject_id,) in allowed]] = True
    return found


def _first_end(db: Database, purpose: Purpose, now: str) -> str:
    """Return the first end of a consent that counts for the purpose, or NEVER."""
    found = db.value(_FIRST_END, _parameters(db, purpose, now))
    return NEVER if found is None else moment_text(found)


def _no_later_than(first_made: str, spans: Spans) -> str:
    """Return a time before which no template of `first_made` or later is over.

    By the calendar a later day may be over earlier in the day: a month after 30 and 31 January.
    """
    if any(span.length[-1] in "my" for span in spans):
        first_made = f"{first_made[:10]}T00:00:00Z"
    return first_over(first_made, spans)


def _agreed_since(db: Database, purpose: Purpose, now: str, subject_id: int, since: str) -> bool:
    """Return True if a consent in force was recorded at or after `since`."""
    found = db.value(
        "SELECT 1 FROM consent c JOIN subject s ON s.id = c.subject_id"
        f" WHERE s.id = :subject_id AND c.recorded_at >= :since AND {_IN_FORCE} LIMIT 1",
        {**_parameters(db, purpose, now), "subject_id": subject_id, "since": since},
    )
    return found is not None


def _inactive_at(db: Database, subject: Subject, purpose: Purpose, rules: RetentionRules) -> str:
    """Return the time at which the subject becomes, or became, inactive for the purpose."""
    day = interactions.last_day(db, subject.subject_id, purpose.purpose_id)
    return NEVER if day is None else first_over(end_of_day(day, rules.zone), rules.inactive_after)


def _parameters(db: Database, purpose: Purpose, now: str) -> dict[str, Any]:
    return {
        "purpose_id": purpose.purpose_id,
        "version": purpose.version,
        "now": now,
        "reached": time_reached.later(db, now),
    }


def _numbers(listed: str | None) -> Ids:
    """Return the numbers of a `group_concat` as an (n,) uint32 array."""
    import numpy as np

    return np.fromstring(listed or "", np.uint32, sep=",")


def _refusal(db: Database, subject: Subject, purpose: Purpose, now: str) -> NoConsent:
    """Return the refusal of `require` as an error. A new consent would change only the last one."""
    reason, why = _explain(db, subject, purpose, now)
    details = {"ref": subject.ref, "purpose": purpose.code, "why": why}
    if reason == "restricted":
        held_until = holds.held_until(db, subject)
        over = held_until is not None and held_until <= now
        return HoldOver(**details) if over else SubjectRestricted(**details)
    if reason == "alternative-only":
        return AlternativeOnly(**details)
    return NoConsent(**details, reason=reason)


def _explain(db: Database, subject: Subject, purpose: Purpose, now: str) -> tuple[str, str]:
    """Return reason code and words for a refusal, from the subject's state and consents."""
    until = holds.held_until(db, subject)
    if until is not None and until <= now:
        last = last_day(until, zone_of(db))
        return "restricted", f"their legal hold ended on {last}, which is not recorded yet"
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
    if lapses.of_purpose(db, purpose.purpose_id).get(subject.subject_id):
        return "no-consent", "the consent was due already, and a new one is needed"
    return "no-consent", "the consent is not yet in force"
