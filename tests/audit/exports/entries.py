"""Entries that exports are tried on, the nasty ones included."""

from __future__ import annotations

from typing import Any

from facecli.audit.canonical import canonical
from facecli.audit.exports.fields import Fields, fields_of

NASTY = [
    "", "plain", "a b", 'q"q', "b\\b", "p|p", "e=e", "s]s", "new\nline", "tab\tend", "\x1b[2J",
    "\x00", "=1+1", "+1", "-1", "@x", "'", ",", "c\u00e9", "\u6b63", "\U0001f600", "a\\",
    "\u202ertl", "a=b c=d", "\\=", "\r\n",
]  # fmt: skip


def fields(entry: dict[str, Any]) -> Fields:
    """An entry as formats get it: taken out of its canonical JSON."""
    record = {name: value for name, value in entry.items() if name != "leaf_hash"}
    return fields_of(canonical(record).decode(), entry["leaf_hash"])


def entry(**changes: Any) -> dict[str, Any]:
    """An entry with its leaf hash."""
    return {
        "seq": 812,
        "at": "2026-11-23T21:00:05Z",
        "actor": {
            "uid": 989,
            "user": "facecli",
            "slot": "cron",
            "host": "gate.example",
            "login": {"source": "loginuid", "uid": 1000, "user": "li"},
        },
        "action": "consent.record",
        "outcome": "done",
        "subject_id": "5c1f0a9be2",
        "purpose": "gate",
        "details": {"expires": "2027-11-23", "count": 2, "kept": False, "why": None},
        "leaf_hash": "ab" * 32,
        **changes,
    }


def nasty() -> list[dict[str, Any]]:
    """Each nasty text in every place where one could come in."""
    return [
        entry(
            actor={
                "uid": 0,
                "user": text,
                "slot": text,
                "host": text,
                "login": {"source": "claimed", "uid": None, "user": text},
            },
            subject_id=text,
            purpose=text,
            details={text: [text, {"x": text}]},
            outcome=outcome,
        )
        for text in NASTY
        for outcome in ("done", "refused", "failed")
    ]
