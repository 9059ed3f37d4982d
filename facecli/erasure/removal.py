"""Removal of single templates by hand: a wrong picture goes, and the consent stays."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from facecli.audit.entries import Act
from facecli.consent import dates, holds, retention_facts, subjects
from facecli.consent.retention import Decision, SubjectFact
from facecli.erasure.erasing import Erasable, erase
from facecli.errors.erasure import NoSuchTemplate, TemplateHeld
from facecli.store import holdings
from facecli.store.database import Database


def plan(db: Database, ref: str, template_id: str, now: str) -> Erasable:
    """Return what the removal of a template erases: with its photo, if no other template needs it.

    Raises:
        Unknown: there is no such subject.
        NoSuchTemplate: the subject has no such template.
        TemplateHeld: a legal hold keeps it.
    """
    subject = subjects.find(db, ref)
    fact = retention_facts.of_one(db, subject)
    named = holdings.template_ids(db, [t.item_id for t in fact.things if t.what == "template"])
    ids = [item_id for item_id, name in named.items() if name == template_id]
    if not ids:
        raise NoSuchTemplate(ref=ref, template=template_id)
    if (until := holds.lasts_until(db, subject, now)) is not None:
        raise TemplateHeld(ref=ref, until=dates.last_day(until, dates.zone_of(db)))
    return Erasable(fact, decisions(db, fact, ids, now))


def remove(act: Act, ref: str, template_id: str) -> Erasable:
    """Erase a template of a subject, and return what was erased.

    Raises:
        ResidueLeft: something is left after the erasure.
        every error of `plan`
    """
    planned = plan(act.db, ref, template_id, act.now)
    erase(act, [planned], action="faces", purpose=planned.decisions[0].purpose)
    return planned


def decisions(
    db: Database,
    subject: SubjectFact,
    ids: Sequence[int],
    at: str,
    with_photo: Sequence[int] = (),
) -> tuple[Decision, ...]:
    """Return the decisions that erase templates of a subject, and photos that nothing needs then.

    Args:
        ids: of the templates, which are the subject's.
        at: the moment of the removal.
        with_photo: those whose photo goes even if another template was made from it.
    """
    photos = {*holdings.photos_used_only_by(db, ids), *holdings.photos_of(db, with_photo)}
    gone: dict[str, Collection[int]] = {"template": set(ids), "photo": photos}
    return tuple(
        Decision(thing.what, thing.item_id, thing.purpose, "due", "removed", at)
        for thing in sorted(subject.things, key=lambda one: one.what, reverse=True)
        if thing.item_id in gone.get(thing.what, ())
    )
