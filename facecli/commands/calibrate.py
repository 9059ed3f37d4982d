"""`facecli calibrate`: measure the false-match rate among the gallery's own subjects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from facecli.cli.options import pass_settings, reports
from facecli.cli.output import opened_first
from facecli.cli.records import RecordKind
from facecli.cli.session import Session, Settings, session
from facecli.consent import gate, purposes
from facecli.consent.purpose_terms import Purpose
from facecli.errors.base import Exit
from facecli.errors.recognition import GalleryOfCopies, TooFewSubjects
from facecli.printable import counted
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching import calibrating
from facecli.recognition.matching.rate_scale import RateScale
from facecli.recognition.matching.site_calibration import SiteCalibration

THRESHOLD = RecordKind(
    "calibrate",
    ("purpose", "fmr", "threshold", "basis", "low", "high", "shipped", "in_use"),
    ("purpose", "fmr", "threshold", "basis", "low", "high", "shipped"),
    dispensable=("low", "high"),
)


@click.command(
    epilog="Exit codes: 0 measured; 3 some purposes could not be measured; 21 no such purpose; 22 "
    "no purpose could be measured: fewer than 50 subjects, or a gallery of copies; 74 the output "
    "could not be written, and nothing changed; 75 stored, but the output could not be written; "
    "10-12 database or key."
)
@click.option("--purpose", metavar="CODE", help="Of this purpose.  [default: of each]")
@click.option("--dry-run", is_flag=True, help="Measure and print, and store nothing.")
@reports
@pass_settings
def command(
    settings: Settings, purpose: str | None, dry_run: bool, form: str, output: Path | None
) -> int:
    """Measure the false-match rate among the gallery's own subjects, and store the thresholds.

    Compares each pair of different subjects of a purpose once. The thresholds replace those of the
    shipped calibration where they are better: measured on the people who pass here. Each is an
    upper 95 % bound over people, and none shows a pair of people. In a large gallery, 12,000
    subjects are drawn at random. See facecli-accuracy(7).

    `facecli purge` measures again when the gallery has grown by a quarter or a tenth has gone.

    \b
    Example:
      facecli calibrate --purpose gate --dry-run
    """
    refused: list[TooFewSubjects | GalleryOfCopies] = []
    rows: list[dict[str, Any]] = []
    with session(settings, "calibrate") as opened:
        opened.settle()
        spec = engine_of(opened.db)
        asked = _purposes(opened, purpose)
        with opened_first(output, THRESHOLD, form, dry_run=dry_run) as reporter:
            for one in asked:
                try:
                    rows.extend(_calibrate(opened, one, spec, dry_run=dry_run))
                except (TooFewSubjects, GalleryOfCopies) as error:
                    refused.append(error)
            for other in refused if rows else refused[1:]:
                settings.note(f"{other.message} {other.hint}")
            if refused and not rows:
                raise refused[0]
            with reporter() as report:
                for row in rows:
                    report.add(row)
    return Exit.PARTIAL if refused else Exit.OK


def _purposes(opened: Session, code: str | None) -> list[Purpose]:
    """Return the purpose `code`, or each purpose for which faces are compared."""
    if code is not None:
        return [gate.open_purpose(opened.db, code)]
    return [
        one
        for one in purposes.list_all(opened.db)
        if one.retired_at is None and not one.is_lost and one.compares_faces
    ]


def _calibrate(
    opened: Session, purpose: Purpose, spec: EngineSpec, *, dry_run: bool
) -> list[dict[str, Any]]:
    """Measure one purpose, store the thresholds, and return their rows."""
    measured = calibrating.measure(opened.db, purpose, spec, opened.now)
    if not dry_run:
        with opened.act() as act:
            calibrating.store(act, purpose, spec, measured)
    found = measured.calibration
    opened.settings.note(_words(purpose, found, dry_run=dry_run))
    return list(_rows(purpose, spec, found))


def _words(purpose: Purpose, found: SiteCalibration, *, dry_run: bool) -> str:
    compared = counted(found.pairs, "pair")
    drawn = counted(found.measured, "subject")
    used = found.measured + found.left_out
    sample = f", drawn from {found.subjects:,}" if used < found.subjects else ""
    left_out = (
        f" {counted(found.left_out, 'subject')} left out as one person with another: close, and of "
        "the same name or photo."
        if found.left_out
        else ""
    )
    done = "Nothing was stored." if dry_run else "The thresholds are stored."
    return f"{purpose.code}: {compared} of {drawn}{sample}.{left_out} {done}"


def _rows(purpose: Purpose, spec: EngineSpec, found: SiteCalibration) -> Iterator[dict[str, Any]]:
    """Yield a row for each rate: the site's threshold, the shipped one, and the one in use."""
    scale = RateScale.of(spec, purpose, found)
    for point in found.points:
        yield {
            "purpose": purpose.code,
            "fmr": point.fmr,
            "threshold": point.distance,
            "basis": "extrapolated" if point.extrapolated else "measured",
            "low": point.low,
            "high": point.high,
            "shipped": scale.shipped_distance(point.fmr),
            "in_use": scale.held(point.fmr).distance,
        }
