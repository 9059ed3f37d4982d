"""The section on calibrations: error rates by group, DET curves, and each purpose's threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from facecli.consent import purposes
from facecli.consent.purpose_terms import Purpose
from facecli.errors.base import FacecliError
from facecli.recognition.engines import of_database
from facecli.recognition.engines.calibration import Calibration, GroupPoint, Point
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching import site_calibration
from facecli.recognition.matching.rate_scale import RateScale, calibration_of
from facecli.report.codes import in_words
from facecli.report.custody.context import Context
from facecli.report.document import Column, Curves, Fact, Section, Table, Value

EVERYBODY = "everybody"  # beside the names of groups


def section(context: Context) -> Section:
    """Return the calibration that comparisons use. An engine without one has the reason instead."""
    say = context.language.say
    heading = say("Calibrations and error rates")
    try:
        spec = of_database.engine_of(context.db)
        found = calibration_of(spec)
    except FacecliError as why:
        return Section("accuracy", heading, sentences=(why.message,))
    origin = found.origin
    return Section(
        "accuracy",
        heading,
        sentences=(say("Rates were measured on the data set named here, not on your subjects."),),
        facts=(
            Fact("data_set", say("Data set"), origin.data_set),
            Fact("measured_on", say("Measured on"), origin.date),
            Fact("people", say("People"), origin.people, "number"),
            Fact("impostor_comparisons", say("Comparisons of different people"),
                 origin.impostor_comparisons, "number"),
            Fact("genuine_comparisons", say("Comparisons of one person"),
                 origin.genuine_comparisons, "number"),
        ),
        plots=tuple(_plots(context, found)),
        tables=(_of_purposes(context, spec), _points(context, found)),
    )  # fmt: skip


def _named(calibration: Calibration) -> Iterator[tuple[str, Sequence[Point | GroupPoint]]]:
    yield EVERYBODY, calibration.points
    yield from ((group.name, group.points) for group in calibration.groups)


def _plots(context: Context, calibration: Calibration) -> Iterator[Curves]:
    say = context.language.say
    curves = tuple(
        (
            in_words(name, context.language),
            tuple((point.fmr, point.fnmr) for point in points if point.fnmr),
        )
        for name, points in _named(calibration)
    )
    if drawable := tuple((name, points) for name, points in curves if len(points) > 1):
        yield Curves(
            say("DET curves"), say("False-match rate"), say("False non-match rate"), drawable
        )


def _of_purposes(context: Context, spec: EngineSpec) -> Table:
    say = context.language.say
    columns = (
        Column("purpose", say("Purpose")),
        Column("threshold_fmr", say("Agreed false-match rate"), "rate"),
        Column("distance", say("Largest distance that matches"), "rate"),
    )
    rows = [
        (one.code, one.terms.threshold_fmr, _threshold(context, spec, one))
        for one in purposes.list_all(context.db)
        if one.retired_at is None and one.compares_faces
    ]
    return Table("thresholds", say("Thresholds of the purposes"), columns, rows)


def _threshold(context: Context, spec: EngineSpec, purpose: Purpose) -> Value:
    site = site_calibration.of_purpose(context.db, purpose, spec.engine_id)
    try:
        held = RateScale.of(spec, purpose, site).held(purpose.terms.threshold_fmr)
        return round(held.distance, 6)
    except FacecliError:
        return None  # the rate was not measured


def _points(context: Context, calibration: Calibration) -> Table:
    say = context.language.say
    columns = (
        Column("group", say("Group"), "code"),
        Column("fmr", say("False-match rate"), "rate"),
        Column("fnmr", say("False non-match rate"), "rate"),
        Column("distance", say("Distance"), "rate"),
    )
    rows = [
        (name, point.fmr, point.fnmr, point.distance)
        for name, points in _named(calibration)
        for point in points
    ]
    return Table("rates", say("Error rates by group"), columns, rows)
