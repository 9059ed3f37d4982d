"""The backups to keep: the latest of each of the last days, weeks and months that have one.

A pure policy, as in restic and borg: a backup stays if any rule keeps it. Days are those of the
controller's time zone, and weeks begin on Monday (ISO 8601).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple


class KeepRules(NamedTuple):
    """The number of days, weeks and months to keep a backup of; None for no such rule."""

    daily: int | None = None
    weekly: int | None = None
    monthly: int | None = None


class Verdict(NamedTuple):
    """The rules that keep a backup, such as `daily`; it goes if there are none."""

    copy_id: str
    kept_by: tuple[str, ...]


def decide(backups: Sequence[tuple[str, str]], rules: KeepRules, zone: str) -> list[Verdict]:
    """Decide on every backup.

    Args:
        backups: `(copy_id, made_at)` of each; of the same second, the last given is the latest.
        zone: the controller's time zone.

    Returns:
        A verdict for each, the latest first. Without a rule, every backup stays.
    """
    from zoneinfo import ZoneInfo  # other commands start quicker without

    latest_first = sorted(backups, key=lambda one: one[1])[::-1]
    if not any(rules):
        return [Verdict(copy_id, ("all",)) for copy_id, _ in latest_first]
    kept: dict[str, list[str]] = {copy_id: [] for copy_id, _ in latest_first}
    for name, count in rules._asdict().items():
        seen: set[tuple[int, ...]] = set()
        for copy_id, made_at in latest_first:
            period = _PERIODS[name](datetime.fromisoformat(made_at).astimezone(ZoneInfo(zone)))
            if len(seen) < (count or 0) and period not in seen:
                seen.add(period)
                kept[copy_id].append(name)
    return [Verdict(copy_id, tuple(names)) for copy_id, names in kept.items()]


_PERIODS: dict[str, Callable[[datetime], tuple[int, ...]]] = {
    "daily": lambda day: (day.year, day.month, day.day),
    "weekly": lambda day: tuple(day.isocalendar()[:2]),
    "monthly": lambda day: (day.year, day.month),
}
