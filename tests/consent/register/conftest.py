"""What the tests of the register share."""

from __future__ import annotations

from typing import Any

from facecli.audit.query import latest
from tests.consent.conftest import World
from tests.consent.conftest import world as world

HOSTILE = [
    "", " ", "padded ", "x" * 10_000, "bell\a", "two\nlines", "\x1b[31mred", "right\u202eleft",
    "zero\u200bwidth", "\ud800", "\U000e0041", "private\ue000",
]  # fmt: skip
"""Texts that no field takes."""
MARKUP = ["<script>alert(1)</script>", "=1+1", "`rm -rf`", "{{ name }}", "'; DROP TABLE subject"]
"""Texts that every field takes, and that stay what they are."""


def entries(world: World) -> list[dict[str, Any]]:
    """The log, oldest first."""
    return latest(world.db, 1000)
