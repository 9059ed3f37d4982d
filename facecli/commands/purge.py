"""`facecli purge`: erase everything that is due. Made for cron."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from facecli.cli import copies
from facecli.cli.copies import backups_option
from facecli.cli.erasure_rows import ERASURE, erasure_records, match_records
from facecli.cli.options import OUTPUT, pass_settings, reports
from facecli.cli.output import opened_first
from facecli.cli.param_types import Number
from facecli.cli.recalibration import renew_stale
from facecli.cli.session import Session, Settings, session
from facecli.consent import dates
from facecli.consent.register.elsewhere import FOLLOWED_FOR
from facecli.erasure import purge
from facecli.erasure.erasing import Erasable
from facecli.erasure.match_retention import MatchesOver
from facecli.erasure.purge import PurgeLimits, Survey
from facecli.errors.base import Exit, FacecliError
from facecli.errors.command_line import BadInput
from facecli.errors.erasure import TooMuchDue
from facecli.printable import counted


@click.command(
    epilog="Exit codes: 0 nothing due is left; 1 the date of --as-of is over; 2 it cannot be read; "
    "3 something due remains, or a copy in the folder of --backups was not reached; 22 a safety "
    "limit or the clock; 74 the certificates, or the file of --output, cannot be written (then "
    "nothing is erased), or the key could not be rotated; 75 done, but the report could not be "
    "written; 10-12 database or key; 130 interrupted (each subject is erased or untouched)."
)
@click.option("--dry-run", is_flag=True, help="Show the rows of the run, and erase nothing.")
@click.option("--as-of", metavar="DATE",
              help="With --dry-run: show what is due at the end of that day.")  # fmt: skip
@click.option("--max-fraction", type=Number(0, 1), metavar="F",
              help="Refuse if more than this share of subjects is due.  [default: 0.25, from 20 "
              "subjects on]")  # fmt: skip
@click.option("--max-subjects", type=click.IntRange(0), metavar="N",
              help="Refuse if more than N subjects are due.")  # fmt: skip
@click.option("--trust-clock", is_flag=True,
              help="Trust the clock after it was ahead or behind; logged.")  # fmt: skip
@click.option("--rotate-key", is_flag=True,
              help="Afterwards rotate the database key, like `key rotate`.")  # fmt: skip
@backups_option
@click.option("--certificate", type=OUTPUT, metavar="FILE",
              help="Certify every erasure in FILE, a list. A dry run writes none.")  # fmt: skip
@reports
@pass_settings
def command(
    settings: Settings,
    dry_run: bool,
    as_of: str | None,
    max_fraction: float | None,
    max_subjects: int | None,
    trust_clock: bool,
    rotate_key: bool,
    backups: tuple[Path, ...],
    certificate: Path | None,
    form: str,
    output: Path | None,
) -> int:
    """Erase everything that is due, by the earliest rule that applies.

    The rules: consent withdrawn or ended, retention over, inactive too long, purpose retired or
    revised. The dry run prints the rows of the run, and exits 3 if anything is due. With -q, a run
    without trouble prints nothing. See man/examples for a systemd timer and a cron line.

    Thresholds that were measured with `facecli calibrate` are measured again if the gallery has
    grown by a quarter or a tenth of it has gone.

    Backups still hold what is erased: --backups erases in those of a folder, in place. Copies that
    were not reached are named.

    A limit that you give applies to every run. The dry run notes when a limit would refuse the run.

    \b
    Example:
      facecli --no-input -q purge
    """
    if as_of is not None and not dry_run:
        raise click.UsageError("--as-of shows what is due then: give --dry-run too")
    if rotate_key and dry_run:
        rotate_key = False
        settings.note("A dry run does not rotate the key: --rotate-key was ignored.")
    with session(settings, "purge", exclusive=rotate_key, guarded=rotate_key) as opened:
        if trust_clock and not dry_run:
            with opened.act() as act:
                purge.trust_clock(act)
        elif not trust_clock:
            purge.check_clock(opened.db, opened.now)
        surveyed = purge.survey(opened.db, _moment(opened, as_of))
        refusal = _refusal(opened, surveyed, PurgeLimits(max_fraction, max_subjects))
        if refusal is not None and not dry_run:
            raise refusal
        with opened_first(output, ERASURE, form, dry_run=dry_run) as reporter:
            erased = [] if dry_run else _erase(opened, surveyed, certificate)
            unreached = [] if dry_run else copies.erased_in(opened, backups)
            copies.note_behind(opened)
            if not dry_run:
                renew_stale(opened)
            failure = _rotate(opened) if rotate_key else None
            rows = partial(_rows, surveyed, erased, dry_run)  # made twice: many take much memory
            summary = _summary(rows())
            trouble = bool(summary["remaining"])
            settings.counts = summary
            if trouble or not settings.quiet or form != "table" or output is not None:
                with reporter() as report:
                    for row in rows():
                        report.add(row)
                    if any(summary.values()):
                        report.summary("purge-summary", summary)
    settings.note(", ".join(f"{name} {count}" for name, count in summary.items()))
    _note_elsewhere(settings, surveyed, outcome="due" if dry_run else "erased")
    if refusal is not None:
        settings.note(f"A purge would be refused: {refusal.message}")
    if failure is not None:
        raise failure
    return Exit.PARTIAL if trouble or unreached else Exit.OK


def _note_elsewhere(settings: Settings, surveyed: Survey, outcome: str) -> None:
    """Note what others hold of the subjects that are erased, and what nobody confirmed in time."""
    if surveyed.still_elsewhere:
        items = counted(surveyed.still_elsewhere, "item")
        settings.note(
            f"Still held elsewhere, of subjects that are {outcome}: {items}. "
            "`facecli subject elsewhere list` names them."
        )
    if surveyed.unconfirmed:
        items = counted(surveyed.unconfirmed, "item")
        settings.note(
            f"Held elsewhere, not confirmed within {FOLLOWED_FOR} of the erasure: "
            f"{items} {outcome}."
        )


def _moment(opened: Session, as_of: str | None) -> str:
    """Return the time at which to decide: now, or the last second of the day `as_of`."""
    if as_of is None:
        return opened.now
    now = opened.now
    moment = dates.last_moment(as_of, "The date of --as-of", dates.zone_of(opened.db), now)
    if moment < now:
        raise BadInput(what="The date of --as-of", why=f"{moment} is over")
    return moment


def _refusal(opened: Session, surveyed: Survey, limits: PurgeLimits) -> TooMuchDue | None:
    """Return the refusal if more is due than the limits allow."""
    try:
        purge.check_limits(surveyed, limits)
    except TooMuchDue as error:
        return error
    return None


def _erase(
    opened: Session, surveyed: Survey, certificate: Path | None
) -> list[tuple[Erasable | MatchesOver, str]]:
    if certificate is None:
        return list(purge.run(surveyed, opened.act))
    from facecli.cli.certificate_file import certifying  # a nightly purge starts quicker without

    with certifying(certificate, opened.act, may_be_empty=True) as begin:
        return list(purge.run(surveyed, begin))


def _rotate(opened: Session) -> FacecliError | None:
    """Rotate the key, and return the error if it failed: the rows are reported either way."""
    from facecli.cli.key_rotation import rotate_key

    try:
        rotate_key(opened)
    except FacecliError as error:
        return error
    return None


def _rows(
    surveyed: Survey, erased: Sequence[tuple[Erasable | MatchesOver, str]], dry_run: bool
) -> Iterator[dict[str, Any]]:
    """Yield a row for each thing that is due or held, or was erased."""
    outcomes = {
        one.subject.pseudonym: (one, outcome)
        for one, outcome in erased
        if isinstance(one, Erasable)
    }
    for one in surveyed.found:
        held = [d for d in one.decisions if d.decision == "held"]
        yield from erasure_records(one.subject, held, "held")
        if dry_run:
            decided = [d for d in one.decisions if d.decision == "due"]
            yield from erasure_records(one.subject, decided, "due")
        elif one.subject.pseudonym in outcomes:
            done, outcome = outcomes[one.subject.pseudonym]
            yield from erasure_records(done.subject, done.decisions, outcome)
    if dry_run:
        yield from match_records(surveyed.matches, "due")
    else:
        done_matches = (one for one, _ in erased if isinstance(one, MatchesOver))
        yield from match_records(done_matches, "erased")


def _summary(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Count the things that were due, by outcome. A dry run leaves all of them."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["outcome"]] += row.get("count", 1)
    erased, failed, left = counts["erased"], counts["failed"], counts["due"]
    return {
        "due": erased + failed + left,
        "erased": erased,
        "held": counts["held"],
        "failed": failed,
        "remaining": failed + left,
    }
