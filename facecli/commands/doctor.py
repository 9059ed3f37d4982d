"""`facecli doctor`: checks of the installation and the database."""

from __future__ import annotations

from pathlib import Path

import click

from facecli.cli.config_settings import hook_settings
from facecli.cli.options import pass_settings, reports
from facecli.cli.output import reporting
from facecli.cli.param_types import Seconds
from facecli.cli.records import RecordKind
from facecli.cli.session import Settings, looking
from facecli.errors.base import Exit, FacecliError
from facecli.report import doctor
from facecli.report.checks import machine
from facecli.report.findings import Finding, failed

FINDING = RecordKind("doctor", Finding._fields, beneath={"finding": "remedy"})


@click.command(
    epilog="Exit codes: 0 all is well; 1 there are errors; 3 there are warnings; 10-12, 33 the "
    "database could not be opened, or is damaged, and the other checks are shown; 74 the output "
    "could not be written."
)
@click.option("--quick", is_flag=True, help="Skip the check that reads every page.")
@click.option("--budget", type=Seconds(), metavar="LENGTH",
              help="Check pages for LENGTH (5m), from where the last run ended.")  # fmt: skip
@reports
@pass_settings
def command(
    settings: Settings, quick: bool, budget: int | None, form: str, output: Path | None
) -> int:
    """Check files, keys, database, models, clock, schedule, backups, disk and cameras.

    Each finding has a severity (ok, warning, error). A warning or an error has a remedy. doctor
    reads and checks every page of the database. The schedule is the enabled timers of systemd and
    the lines of cron. Without --budget, doctor writes to no file, no log and no cache.

    With --budget, doctor checks a part of the pages each night, and stores in the database where it
    was. It starts again when the file was replaced, as by `key rotate`. Others can write meanwhile.

    \b
    Example:
      facecli doctor --format json
    """
    if quick and budget is not None:
        raise click.UsageError("--quick checks no page: leave out --budget")
    source = settings.key_source
    failure: FacecliError | None = None
    found: list[Finding] = []
    with reporting(FINDING, form, output) as report:

        def add(finding: Finding) -> None:
            found.append(finding)
            report.add(finding._asdict())

        for finding in doctor.outside(settings.db, source, Path("/"), Path.home()):
            add(finding)
        for setting, program in hook_settings(settings.config.hooks) if settings.config else ():
            if program:
                add(machine.hook(setting, program))
        try:
            with looking(settings, read_only=budget is None) as (db, now):
                for finding in doctor.inside(db, now, quick=quick, budget=budget):
                    add(finding)
        except FacecliError as error:
            failure = error
            if error.message not in {one.finding for one in found}:
                add(failed("opening", error))
    severities = [one.severity for one in found]
    settings.counts = {f"{name}s": severities.count(name) for name in ("error", "warning")}
    if failure is not None:
        raise failure
    return _exit(set(severities))


def _exit(severities: set[str]) -> Exit:
    if "error" in severities:
        return Exit.FAILED
    return Exit.PARTIAL if "warning" in severities else Exit.OK
