"""The sections on erasures with their certificates, and on the copies that may hold more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facecli.erasure import certificates
from facecli.erasure.copies import known
from facecli.report.custody.context import Context
from facecli.report.document import Column, Section, Table, Value

KINDS = ("template", "photo", "consent", "subject")
"""Without matches: the log has no number of them, because it would tell of visits."""


def done(context: Context) -> Section:
    """Return the erasures, each with the number of its certificate."""
    say = context.language.say
    columns = (
        Column("entry", say("Number"), "number"),
        Column("at", say("Time"), "moment"),
        Column("subject_id", say("Subject")),
        Column("purpose", say("Purpose")),
        Column("action", say("Act"), "code"),
        Column("reasons", say("Rules"), "codes"),
        Column("templates", say("Templates"), "number"),
        Column("photos", say("Photos"), "number"),
        Column("consents", say("Consents"), "number"),
        Column("records", say("Records of subjects"), "number"),
    )
    rows = [_row(one) for one in certificates.list_erasures(context.db)]
    return Section(
        "erasures",
        say("Erasures and their certificates"),
        sentences=(
            say("Numbers of erased matches are not recorded: they would tell of visits."),
            say(
                "The number is that of the log's entry. This command makes the certificate of a "
                "withdrawal or a purge again:"
            ),
        ),
        commands=("facecli log certificate NUMBER --output certificate.json",),
        tables=(Table("list", say("Erasures"), columns, rows),),
    )


def _row(erasure: Mapping[str, Any]) -> tuple[Value, ...]:
    return (
        erasure["seq"],
        erasure["at"],
        erasure["pseudonym"],
        erasure["purpose"],
        erasure["action"],
        " ".join(erasure["reasons"]),
        *(erasure["counts"].get(kind, 0) for kind in KINDS),
    )


def copies(context: Context) -> Section:
    """Return the known copies, and the erasures that have not reached them."""
    say = context.language.say
    columns = (
        Column("copy_id", say("Copy")),
        Column("kind", say("Kind"), "code"),
        Column("state", say("State"), "code"),
        Column("made_at", say("Made"), "moment"),
        Column("file", say("File")),
        Column("erasures_missing", say("Erasures missing"), "number"),
    )
    rows = [
        (copy.copy_id, copy.kind, copy.state, copy.made_at, copy.path.name,
         known.erasures_missing(context.db, copy))
        for copy in known.list_all(context.db)
    ]  # fmt: skip
    return Section(
        "copies",
        say("Copies, and what they hold"),
        sentences=(
            say(
                "A copy holds what the database held when it was made, without the erasures that "
                "have reached it. A copy with missing erasures may still hold erased data."
            ),
        ),
        tables=(Table("list", say("Known copies"), columns, rows),),
    )
