"""The database and the circumstances that every section of the custody report is made from."""

from __future__ import annotations

from dataclasses import dataclass

from facecli.papers.languages import Language
from facecli.store.database import Database


@dataclass(frozen=True)
class Context:
    """An open database inside a transaction, the time, and what the report is to show.

    with_refs: name subjects by REF beside their pseudonyms.
    """

    db: Database
    now: str
    zone: str
    language: Language
    with_refs: bool = False
