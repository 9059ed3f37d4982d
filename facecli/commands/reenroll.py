"""`facecli reenroll`: change the engine, with templates from kept photos."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from facecli.cli.confirmation import confirm
from facecli.cli.options import FILE, NAME_OR_FILE, pass_settings, reports, views, workers
from facecli.cli.output import opened_first, progress
from facecli.cli.records import RecordKind
from facecli.cli.session import Session, Settings, session
from facecli.cli.several_acts import several_acts
from facecli.erasure.purge import check_clock
from facecli.errors.base import Exit
from facecli.recognition.analysis import image as image_analysis
from facecli.recognition.analysis.image import AnalysisRequest, ImageAnalysis
from facecli.recognition.engines import availability, engine, model_card
from facecli.recognition.enrolment import reenrolment
from facecli.recognition.enrolment.reenrolment import Reenroller, ReenrolmentOutcome
from facecli.recognition.matching import calibrating
from facecli.workers.local import Pool

REENROLMENT = RecordKind(
    "reenroll",
    ("ref", "name", "purpose", "outcome", "reason", "templates"),
    dispensable=("templates", "name"),
)


@click.command(
    epilog="Exit codes: 0 all subjects have templates of the new engine; 3 some must be called in, "
    "are refused by the gate or held; 1 the engine cannot be loaded, or not confirmed; 11 another "
    "process has the database open; 21 no such engine; 22 the clock cannot be right; 74 the output "
    "could not be written, and nothing changed; 75 done, but the output could not be written; "
    "10-12 database or key; 130 interrupted (the old engine is still in use; run the command again "
    "to continue)."
)
@click.option("--engine", "engine_name", type=NAME_OR_FILE, required=True,
              metavar="NAME|FILE.toml",
              shell_complete=lambda *_: engine.names(),
              help="The new engine, or a model card.")  # fmt: skip
@views(engine.MOST_VIEWS)
@click.option("--calibration", type=FILE, metavar="FILE", help="Thresholds from evaluate "
              "--save-calibration, instead of the engine's own.")  # fmt: skip
@click.option(
    "--dry-run", is_flag=True, help="List the subjects with a photo, and those to call in."
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation; needed in scripts.")
@workers
@reports
@pass_settings
def command(
    settings: Settings,
    engine_name: str,
    views: int | None,
    calibration: Path | None,
    dry_run: bool,
    yes: bool,
    workers: int,
    form: str,
    output: Path | None,
) -> int:
    """Change the engine: make new templates from kept photos and erase the old ones.

    Templates of two engines cannot be compared. Subjects without a kept photo lose their templates
    and must be enrolled again; they are listed as call-in. Use --dry-run first. No other process
    may use the database. The thresholds that `facecli calibrate` measured end with the old engine:
    run it again.

    \b
    Example:
      facecli reenroll --engine sface --dry-run
    """
    spec = model_card.choose(engine_name, calibration, views)
    with session(settings, "reenroll", exclusive=not dry_run) as opened:
        check_clock(opened.db, opened.now)  # by a wrong one, the gate refuses and templates go
        reenroller = Reenroller(opened.db, spec, opened.act, lambda: opened.now)
        outcomes = reenroller.plan()
        with opened_first(output, REENROLMENT, form, dry_run=dry_run) as reporter:
            if not dry_run:
                availability.check_loads(spec)
                _confirm(settings, outcomes, yes)
                with several_acts():
                    _make(opened, reenroller, workers)
                    outcomes = reenroller.switch()
            with reporter() as report:
                for outcome in outcomes:
                    report.add(_record(outcome))
        unmeasured = [one.code for one, _ in calibrating.unmeasured(opened.db, spec.engine_id)]
    missing = reenrolment.unfinished(outcomes)
    verb = "would have" if dry_run else "have"
    settings.note(
        f"{len(outcomes) - missing} {verb} templates of {spec.engine_id}, {missing} {verb} none."
    )
    if unmeasured and not dry_run:
        settings.note(
            f"Not measured with this engine yet: {', '.join(unmeasured)}. Run `facecli calibrate`."
        )
    return Exit.PARTIAL if missing else Exit.OK


def _confirm(settings: Settings, outcomes: list[ReenrolmentOutcome], yes: bool) -> None:
    missing = reenrolment.unfinished(outcomes)
    if missing:
        confirm(settings, f"{missing} would have no template. Continue?", yes=yes)


def _make(opened: Session, reenroller: Reenroller, workers: int) -> None:
    setup = partial(image_analysis.load_analysis_worker, reenroller.engine)
    with Pool[AnalysisRequest, ImageAnalysis](setup, workers=workers) as pool:
        made = reenroller.make(pool)
        with progress(made, reenroller.photos(), "photo", opened.settings.quiet) as shown:
            for _ in shown:
                pass


def _record(outcome: ReenrolmentOutcome) -> dict[str, object]:
    return {
        "ref": outcome.subject.ref,
        "name": outcome.subject.name,
        "purpose": outcome.purpose,
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "templates": outcome.templates,
    }
