"""The rows of the register that several commands print."""

from __future__ import annotations

from collections.abc import Sequence

from facecli.cli.records import RecordKind
from facecli.cli.session import Settings
from facecli.consent.register.elsewhere import Item
from facecli.printable import printable

ELSEWHERE = RecordKind(
    "elsewhere",
    (
        "item_id", "ref", "case_id", "what", "where", "since", "recorded_on", "asked_at", "state",
        "confirmed_at", "evidence_sha256",
    ),
    ("item_id", "ref", "case_id", "what", "where", "since", "state"),
    dispensable=("since", "case_id"),
)  # fmt: skip
REQUEST = RecordKind(
    "request",
    (
        "request_id", "ref", "kind", "received_on", "due_at", "state", "answered_at", "answer",
        "refused",
    ),
    ("request_id", "ref", "kind", "received_on", "due_at", "state"),
    dispensable=("received_on",),
)  # fmt: skip


def note_open(settings: Settings, items: Sequence[tuple[str, Item]]) -> None:
    """Note what others still hold, and how its deletion is confirmed.

    Args:
        items: each with the REF of its subject, who may be erased by now.
    """
    for ref, item in items:
        since = f" since {item.since}" if item.since else ""
        case = f", case {item.case_id}" if item.case_id else ""
        settings.note(
            f"Still held elsewhere of {printable(ref)}: {item.what} at {printable(item.place)}"
            f"{since} (item {item.item_id}{case})."
        )
    if items:
        settings.note(
            "Ask for the deletion. Record its proof with `facecli subject elsewhere confirm ITEM "
            "--evidence FILE`."
        )
