"""`facecli purge`: erase all that is due; made for cron."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from facecli.cli.erasure_rows import ERASURE, erasure_records
from facecli.cli.options import FILE, pass_settings, reports
from facecli.cli.output import opened_first
from facecli.cli.param_types import Number
from facecli.cli.session import Session, Settings, session
from facecli.erasure import purge
from facecli.erasure.erasing import Erasable
from facecli.erasure.purge import Limits, Survey
from facecli.errors.base import Exit, FacecliError


@click.command(
    epilog="Exit codes: 0 nothing that is due is left; 3 something due remains; 22 a safety limit "
    "or the clock; 74 the certificates, or the file of --output, cannot be written (then nothing "
    "is erased), or the key could not be rotated; 75 done, but the report could not be "
    "written; 10-12 database or key; 130 interrupted (whole "
    "people are erased or untouched)."
)
@click.option("--dry-run", is_flag=True, help="Show what the run would erase, and erase nothing.")
@click.option("--max-fraction", type=Number(0, 1), default=0.25, show_default=True,
              metavar="F", help="Refuse to erase of more than this share of people.")  # fmt: skip
@click.option("--max-subjects", type=click.IntRange(0), metavar="N",
              help="Refuse to erase of more than N people.")  # fmt: skip
@click.option("--trust-clock", is_flag=True,
              help="The clock is right, though it was ahead or behind before; logged.")  # fmt: skip
@click.option("--rotate-key", is_flag=True,
              help="Then encrypt the database under a new key, as `key rotate` does.")  # fmt: skip
@click.option("--certificate", type=FILE, metavar="FILE",
              help="Certify every erasure in FILE, a list. A dry run writes none.")  # fmt: skip
@reports
@pass_settings
def command(
    settings: Settings,
    dry_run: bool,
    max_fraction: float,
    max_subjects: int | None,
    trust_clock: bool,
    rotate_key: bool,
    certificate: Path | None,
    form: str,
    output: Path | None,
) -> int:
    """Erase everything that is due, by the earliest rule that applies.

    Consent withdrawn or over, retention over, inactive for too long, purpose retired or revised.
    The dry run and the run print the same rows; a dry run exits 3 if anything is due. With -q, a
    run without trouble prints nothing. A systemd service with its timer, and a cron line, are in
    man/examples.

    \b
    Example:
      facecli --no-input -q purge
    """
    if rotate_key and dry_run:
        rotate_key = False
        settings.note("A dry run does not rotate the key: --rotate-key was passed over.")
    with session(settings, "purge", exclusive=rotate_key, guarded=rotate_key) as opened:
        if trust_clock and not dry_run:
            with opened.act() as act:
                purge.trust_clock(act)
        elif not trust_clock:
            purge.check_clock(opened.db, opened.now)
        surveyed = purge.survey(opened.db, opened.now)
        if not dry_run:
            purge.check_limits(opened.db, surveyed, Limits(max_fraction, max_subjects))
        with opened_first(output, ERASURE, form, dry_run=dry_run) as reporter:
            erased = [] if dry_run else _erase(opened, surveyed, certificate)
            failure = _rotate(opened) if rotate_key else None
            rows = list(_rows(surveyed, erased, dry_run))
            summary = _summary(rows)
            trouble = bool(summary["remaining"])
            if trouble or not settings.quiet or form != "table" or output is not None:
                with reporter() as report:
                    for row in rows:
                        report.add(row)
                    if rows:
                        report.summary("purge-summary", summary)
    settings.note(", ".join(f"{name} {count}" for name, count in summary.items()))
    if failure is not None:
        raise failure
    return Exit.PARTIAL if trouble else Exit.OK


def _erase(
    opened: Session, surveyed: Survey, certificate: Path | None
) -> list[tuple[Erasable, str]]:
    if certificate is None:
        return list(purge.run(surveyed, opened.act))
    from facecli.cli.certificate_file import certifying  # a nightly purge starts quicker without

    with certifying(certificate, opened.act) as begin:
        return list(purge.run(surveyed, begin))


def _rotate(opened: Session) -> FacecliError | None:
    """What failed: what was erased is reported all the same."""
    from facecli.commands.key import rotated

    try:
        rotated(opened)
    except FacecliError as error:
        return error
    return None


def _rows(
    surveyed: Survey, erased: Iterable[tuple[Erasable, str]], dry_run: bool
) -> Iterator[dict[str, Any]]:
    """A row for each thing that is due or held; erased ones as they were erased."""
    outcomes = {one.subject.pseudonym: (one, outcome) for one, outcome in erased}
    for one in surveyed.found:
        held = [d for d in one.decisions if d.decision == "held"]
        yield from erasure_records(one.subject, held, "held")
        if dry_run:
            decided = [d for d in one.decisions if d.decision == "due"]
            yield from erasure_records(one.subject, decided, "due")
        elif one.subject.pseudonym in outcomes:
            done, outcome = outcomes[one.subject.pseudonym]
            yield from erasure_records(done.subject, done.decisions, outcome)


def _summary(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How many things were due, and what became of them. A dry run leaves all of them."""
    counts = Counter(row["outcome"] for row in rows)
    erased, failed, left = counts["erased"], counts["failed"], counts["due"]
    return {
        "due": erased + failed + left,
        "erased": erased,
        "held": counts["held"],
        "failed": failed,
        "remaining": failed + left,
    }
