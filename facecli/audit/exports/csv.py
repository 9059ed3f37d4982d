"""The log as CSV (RFC 4180): the names of the records, the actor's fields each in a column.

A cell that a spreadsheet would run as a formula gets an apostrophe in front, by which spreadsheets
read it as text.
"""

from __future__ import annotations

from functools import lru_cache

from facecli.audit.entries import Actor
from facecli.audit.exports.fields import FEW, Fields
from facecli.printable import csv_cell

HEADER = (
    "seq,at,actor_uid,actor_user,actor_login_source,actor_login_uid,actor_login_user,actor_slot,"
    "actor_host,action,outcome,subject_id,purpose,details,leaf_hash"
)


def line(fields: Fields) -> str:
    """Return an entry as a row. `details` is JSON in one cell; null is an empty cell."""
    details = fields.details.replace('"', '""')  # a `{` begins no formula, nor does a hash
    return (
        f"{fields.seq},{cell(fields.at)},{_actor(fields.actor)},{_often(fields.action)},"
        f"{_often(fields.outcome)},{cell(fields.subject_id)},{_often(fields.purpose)},"
        f'"{details}","{fields.leaf_hash}"'
    )


def cell(text: str | None) -> str:
    """Return one cell: text always in quotes, and never a formula."""
    return "" if text is None else '"' + csv_cell(text).replace('"', '""') + '"'


_often = lru_cache(FEW)(cell)


@lru_cache(FEW)
def _actor(actor: Actor) -> str:
    source, uid, user = actor.login or (None, None, None)
    number = "" if uid is None else str(uid)
    login = [cell(source), number, cell(user)]
    return ",".join([str(actor.uid), cell(actor.user), *login, cell(actor.slot), cell(actor.host)])
