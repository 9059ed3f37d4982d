"""The calibrations that were measured among a gallery's own subjects, with their rates."""

from __future__ import annotations

from collections.abc import Iterator

from facecli.consent import purposes
from facecli.consent.purpose_terms import Purpose
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching import site_calibration
from facecli.report.custody.context import Context
from facecli.report.document import Column, Table, Value
from facecli.store import calibrations


def compared(context: Context) -> Iterator[Purpose]:
    """Yield the purposes whose galleries are searched."""
    for one in purposes.list_all(context.db):
        if one.retired_at is None and one.compares_faces:
            yield one


def tables(context: Context, spec: EngineSpec) -> tuple[Table, Table]:
    """Return the calibrations of the galleries, and their rates."""
    say = context.language.say
    stale = {one.purpose_id for one in calibrations.stale(context.db)}
    measured: list[tuple[Value, ...]] = []
    rates: list[tuple[Value, ...]] = []
    for purpose in compared(context):
        site = site_calibration.of_purpose(context.db, purpose, spec.engine_id)
        if site is None:
            continue
        changed = "yes" if purpose.purpose_id in stale else "no"
        if site.doubtful:  # as `doctor` calls it
            changed = "doubtful"
        measured.append(
            (purpose.code, site.at, site.subjects, site.measured, site.references, site.pairs,
             site.left_out, changed)
        )  # fmt: skip
        for name, points in (("verification", site.points), ("identification", site.searches)):
            rates += [
                (purpose.code, name, point.fmr, point.low, point.high, point.distance)
                for point in points
            ]
    measurements = (
        Column("purpose", say("Purpose")),
        Column("measured_at", say("Measured on"), "moment"),
        Column("subjects", say("Subjects"), "number"),
        Column("compared", say("Of these, compared"), "number"),
        Column("references", say("Templates"), "number"),
        Column("pairs", say("Pairs of different subjects"), "number"),
        Column("left_out", say("Left out as one person"), "number"),
        Column("changed", say("Gallery changed since"), "code"),
    )
    columns = (
        Column("purpose", say("Purpose")),
        Column("use", say("Use"), "code"),
        Column("rate", say("Rate of false matches"), "rate"),
        Column("low", say("Lower 95 % bound"), "rate"),
        Column("high", say("Upper 95 % bound"), "rate"),
        Column("distance", say("Distance"), "distance"),
    )
    return (
        Table("galleries", say("Calibrations of the galleries"), measurements, measured),
        Table("gallery_rates", say("Rates measured in the galleries"), columns, rates),
    )
