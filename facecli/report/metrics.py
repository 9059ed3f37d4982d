"""The status as metrics for Prometheus, in its text format.

For node_exporter's textfile collector, so every metric is a gauge. No metric names a subject:
labels are codes of purposes, kinds of data, states and acts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from facecli import __version__

KINDS = ("templates", "photos", "matches")
DUE_KINDS = (*KINDS, "consents", "subjects")

Labels = TypeVar("Labels", bound=tuple[str, ...])

STATES = ("active", "restricted", "alternative_only")


class _Metrics:
    """Collects the metrics of one status; `prometheus_client` asks for them."""

    def __init__(self, shown: Mapping[str, Any]) -> None:
        self._shown = shown

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the metrics: all of them, or those of a database that did not open."""
        shown = self._shown
        yield _gauge("build_info", "The version of facecli.", {(__version__,): 1}, "version")
        yield _gauge("up", "1 if the database was read, else 0.", {(): "held" in shown})
        outside = shown["database"]
        yield _gauge("database_bytes", "Size of the database.", {(): outside["bytes"]})
        slots = outside["key_slots"]
        yield _gauge("key_slots", "Key slots.", {(): None if slots is None else len(slots)})
        if "held" in shown:
            yield from _held(shown["held"], shown["purposes"])
            yield from _due(shown["due"], shown["holds"])
            yield _refused(shown["weeks"])
            yield from _register(shown["requests"], shown["elsewhere"])
            yield from _acts(shown["at"], shown["last"])
            yield from _filing(shown["filing"])
            bare = {(): shown["consents"]["without_evidence"]}
            yield _gauge("consents_without_evidence", "In force without a signed form.", bare)


def exposition(shown: Mapping[str, Any]) -> str:
    """Return the metrics of a status.

    Args:
        shown: the record that `facecli status --format json` prints.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Metrics(shown))
    return generate_latest(registry).decode()


def _held(held: Mapping[str, Any], purposes: Mapping[str, Any]) -> Iterable[GaugeMetricFamily]:
    states = {(state,): held[state] for state in STATES}
    yield _gauge("subjects", "Subjects by state.", states, "state")
    kinds = {(kind,): held[kind] for kind in KINDS}
    yield _gauge("held_items", "Items held, by kind.", kinds, "kind")
    people = {(code,): one["subjects"] for code, one in purposes.items()}
    yield _gauge("purpose_subjects", "Subjects with a consent in force.", people, "purpose")
    items = {(code, kind): one[kind] for code, one in purposes.items() for kind in KINDS}
    yield _gauge("purpose_items", "Items held, by purpose and kind.", items, "purpose", "kind")


def _due(due: Mapping[str, Any], holds: Mapping[str, Any]) -> Iterable[GaugeMetricFamily]:
    people = {(horizon,): one["people"] for horizon, one in due.items()}
    yield _gauge("due_subjects", "Subjects with something due.", people, "horizon")
    items = {(horizon, kind): one[kind] for horizon, one in due.items() for kind in DUE_KINDS}
    yield _gauge("due_items", "Items due, by horizon and kind.", items, "horizon", "kind")
    held = {(horizon,): one["held"] for horizon, one in due.items()}
    yield _gauge("due_held_items", "Items due but under a legal hold.", held, "horizon")
    yield _gauge("holds", "Subjects under a legal hold.", {(): holds["people"]})
    end = {(): _seconds(holds["next_end"])}
    yield _gauge("next_hold_end_timestamp_seconds", "When the next legal hold ends.", end)


def _refused(weeks: Mapping[str, Mapping[str, Any]]) -> GaugeMetricFamily:
    days = [week["refused"] for week in weeks.values() if week["refused"] is not None]
    first = {(): _seconds(f"{days[0]}T00:00:00Z" if days else None)}
    meaning = "First day of the quarter whose purge the default limit will refuse."
    return _gauge("purge_refused_timestamp_seconds", meaning, first)


def _register(
    requests: Mapping[str, Any], elsewhere: Mapping[str, Any]
) -> Iterable[GaugeMetricFamily]:
    states = {(state,): requests[state] for state in ("open", "overdue")}
    yield _gauge("requests", "Requests of subjects without an answer.", states, "state")
    items = {("open",): elsewhere["items"], ("late",): elsewhere["late"]}
    yield _gauge("elsewhere_items", "Items held elsewhere, not confirmed.", items, "state")


def _acts(at: str, last: Mapping[str, str | None]) -> Iterable[GaugeMetricFamily]:
    read = {(): _seconds(at)}
    yield _gauge("status_timestamp_seconds", "When the database was read.", read)
    acts = {(act,): _seconds(moment) for act, moment in last.items()}
    yield _gauge("last_timestamp_seconds", "When an act was last done.", acts, "act")


def _filing(filing: Mapping[str, Any]) -> Iterable[GaugeMetricFamily]:
    yield _gauge("filing_subjects", "People whose faces are stored.", {(): filing["people"]})
    yield _gauge("filing_limit_subjects", "Number to file at.", {(): filing["limit"]})


def _gauge(
    name: str, meaning: str, samples: Mapping[Labels, float | None], *labels: str
) -> GaugeMetricFamily:
    """Return one metric. A sample whose value is None is left out."""
    family = GaugeMetricFamily(f"facecli_{name}", meaning, labels=labels)
    for values, value in samples.items():
        if value is not None:
            family.add_metric(values, float(value))
    return family


def _seconds(moment: str | None) -> float | None:
    """Return seconds since 1970."""
    return None if moment is None else datetime.fromisoformat(moment).timestamp()
