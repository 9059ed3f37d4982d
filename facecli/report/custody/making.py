"""The custody report: its sections in their order, its place in the log, and its entry there.

A section is a function from the context to a `Section`. To add one, add it to SECTIONS.

The report has a checkpoint of all that it accounts for, and its own entry has the SHA-256 of the
finished file. The file must get its name only after the act is committed (see `audit.sealing`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from facecli.audit import sealing
from facecli.audit.entries import Act, recorded
from facecli.consent import dates
from facecli.papers.languages import Language
from facecli.report import standing
from facecli.report.custody import (
    accuracy,
    activity,
    consents,
    due,
    erasures,
    overview,
    position,
    register,
    subjects,
)
from facecli.report.custody.context import Context
from facecli.report.custody.position import ACTION, LogPosition
from facecli.report.document import Document, Fact, Section
from facecli.steps import counting

SECTIONS: tuple[Callable[[Context], Section], ...] = (
    overview.held,
    overview.as_they_stand,
    subjects.section,
    consents.section,
    due.section,
    activity.section,
    erasures.done,
    erasures.copies,
    register.held_elsewhere,
    register.disclosed,
    register.requested,
    register.offered,
    accuracy.section,
)
SCHEMA = "custody-report"


class Made(NamedTuple):
    """A finished report: the content of its file, and the number of its entry in the log."""

    content: bytes
    entry: int


def make(
    act: Act,
    language: Language,
    render: Callable[[Document], str],
    form: str,
    name: str,
    *,
    with_refs: bool,
) -> Made:
    """Make the report, seal the log before it, and record it.

    Args:
        act: an act that has recorded nothing yet.
        render: makes the file's text.
        form: its format, for the log.
        name: the file's name, which the report states in its commands.
        with_refs: name subjects by REF too.

    Raises:
        LogAltered, LogTruncated: the log does not fit what was sealed before.
    """
    db = act.db
    sealing.prepare(act)
    checkpoint = sealing.seal(act)
    place = LogPosition(recorded(db).size + 1, act.now, str(sealing.trust_key(db)), checkpoint)
    context = Context(db, act.now, dates.zone_of(db), language, with_refs)
    content = render(_document(context, place, name)).encode()
    details = {
        "format": form,
        "with_refs": with_refs,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    act.record(ACTION, details=details)
    sealing.seal(act)
    return Made(content, place.entry)


def _document(context: Context, place: LogPosition, name: str) -> Document:
    language = context.language
    controllers = {(one.terms.controller_name, one.terms.controller_contact)
                   for one in standing.in_language(context.db, language)}  # fmt: skip
    return Document(
        schema=SCHEMA,
        language=language,
        title=language.say("Custody of facial data"),
        at=context.now,
        zone=context.zone,
        opening=(
            language.say("This report accounts for all facial data in one facecli database."),
        ),
        facts=(
            Fact("controller", language.say("Controller"),
                 "; ".join(sorted(f"{one}, {contact}" for one, contact in controllers)) or None),
        ),
        sections=(*_sections(context), position.section(language, place, name)),
    )  # fmt: skip


def _sections(context: Context) -> Iterator[Section]:
    with counting("section", len(SECTIONS)) as step:
        for section in SECTIONS:
            yield section(context)
            step(1)
