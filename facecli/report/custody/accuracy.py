"""The section on calibrations: error rates by group, DET curves, and each purpose's threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from facecli.consent.purpose_terms import Purpose
from facecli.errors.base import FacecliError
from facecli.recognition.engines import of_database
from facecli.recognition.engines.calibration import Calibration, GroupPoint, Point
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.matching import site_calibration
from facecli.recognition.matching.rate_scale import RateScale, calibration_of
from facecli.report.codes import in_words
from facecli.report.custody import galleries
from facecli.report.custody.context import Context
from facecli.report.document import Column, Curves, Fact, Section, Table, Value

EVERYBODY = "everybody"  # beside the names of groups


def section(context: Context) -> Section:
    """Return the calibrations that comparisons use, or the reason why the engine has none."""
    say = context.language.say
    heading = say("Calibrations and error rates")
    try:
        spec = of_database.engine_of(context.db)
    except FacecliError as why:
        return Section("accuracy", heading, sentences=(why.message,))
    own = (_of_purposes(context, spec), *galleries.tables(context, spec))
    try:
        found = calibration_of(spec)
    except FacecliError as why:
        return Section("accuracy", heading, sentences=(why.message,), tables=own)
    origin = found.origin
    return Section(
        "accuracy",
        heading,
        sentences=(
            say(
                "Error rates by group were measured on the data set named here, not on your "
                "subjects. Calibrations of a gallery were measured among its own subjects."
            ),
            say(
                "A small group shows little: where no error was seen, errors may still happen. The "
                "upper bound says how high the false-match rate may be."
            ),
        ),
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
        tables=(*own, _points(context, found)),
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
        Column("distance", say("Largest distance that matches"), "distance"),
        Column("decided_by", say("Decided by the calibration"), "code"),
    )
    rows = [
        (one.code, one.terms.threshold_fmr, *_threshold(context, spec, one))
        for one in galleries.compared(context)
    ]
    return Table("thresholds", say("Thresholds of the purposes"), columns, rows)


def _threshold(
    context: Context, spec: EngineSpec, purpose: Purpose
) -> tuple[float | None, str | None]:
    """Return the distance and the calibration that decided it, or None if no rate was measured."""
    site = site_calibration.of_purpose(context.db, purpose, spec.engine_id)
    try:
        held = RateScale.of(spec, purpose, site).held(purpose.terms.threshold_fmr)
    except FacecliError:
        return None, None
    return round(held.distance, 6), held.by


def _points(context: Context, calibration: Calibration) -> Table:
    say = context.language.say
    columns = (
        Column("group", say("Group"), "code"),
        Column("people", say("People"), "number"),
        Column("comparisons", say("Comparisons of different people"), "number"),
        Column("fmr", say("False-match rate"), "rate"),
        Column("high", say("Upper 95 % bound"), "rate"),
        Column("fnmr", say("False non-match rate"), "seen"),
        Column("distance", say("Distance"), "distance"),
    )
    return Table("rates", say("Error rates by group"), columns, list(_rates(calibration)))


def _rates(calibration: Calibration) -> Iterator[tuple[Value, ...]]:
    origin = calibration.origin
    for point in calibration.points:
        yield (EVERYBODY, origin.people, origin.impostor_comparisons, point.fmr, None, point.fnmr,
               point.distance)  # fmt: skip
    for group in calibration.groups:
        for held in group.points:
            yield (group.name, group.people, group.comparisons, held.fmr, held.high, held.fnmr,
                   held.distance)  # fmt: skip
