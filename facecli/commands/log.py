"""`facecli log`: show the log's entries, seal it, and certify erasures again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from facecli.audit import sealing
from facecli.audit.checkpoints import Checkpoint
from facecli.audit.entries import Act, Actor
from facecli.cli import log_times
from facecli.cli.checkpoint_file import held_at, kept_checkpoint
from facecli.cli.help_pages import LazyCommandGroup
from facecli.cli.options import CHECKPOINT_OUTPUT, FILE, OUTPUT, pass_settings, reports
from facecli.cli.output import Reporter, output_of_act, print_text, reporting
from facecli.cli.records import RecordKind
from facecli.cli.session import Session, Settings, session
from facecli.printable import json_text, printable
from facecli.store.database import Database

if TYPE_CHECKING:
    from facecli.audit import query

ENTRY = RecordKind(
    "log-entry",
    ("seq", "at", "actor", "action", "outcome", "subject_id", "purpose", "details", "leaf_hash"),
    ("seq", "at", "user", "action", "outcome", "subject_id", "purpose", "details"),
    dispensable=("subject_id", "details", "purpose", "user"),
)
SHOWN = 20
EVERY = 0.5  # seconds between two looks at the database


@click.group(
    cls=LazyCommandGroup,
    later={name: f"facecli.commands.log_{name}:{name}" for name in ("cosign", "export", "verify")},
    epilog="Exit codes: each command's own; see its --help.",
)
def command() -> None:
    """Acts, with their actor, time and purpose; never a name, a REF or a face.

    \b
    Example:
      facecli log show -n 5
    """


@command.command(
    epilog="Exit codes: 0 done; 2 usage; 21 no such subject; 130 --follow was interrupted; 10-12 "
    "database or key."
)
@click.option("-n", "--lines", "count", type=click.IntRange(1, 10**9), metavar="N",
              help="The latest N entries.  [default: 20; all with --since or --until]")  # fmt: skip
@click.option("--since", metavar="D", help="Entries from this date or moment on.")
@click.option("--until", metavar="D",
              help="Entries to the end of this date, or before this moment.")  # fmt: skip
@click.option("--action", "actions", multiple=True, metavar="A",
              help="Entries of this action, such as consent.record, or consent for all of them; "
              "may be repeated.")  # fmt: skip
@click.option("--ref", metavar="REF", help="Entries about this subject.")
@click.option("-f", "--follow", is_flag=True, help="Go on with new entries until interrupted.")
@reports
@pass_settings
def show(
    settings: Settings,
    count: int | None,
    since: str | None,
    until: str | None,
    actions: tuple[str, ...],
    ref: str | None,
    follow: bool,
    form: str,
    output: Path | None,
) -> None:
    """Show the latest entries, oldest first.

    The log holds no REF: --ref looks up the subject's pseudonym, and finds nothing of a subject
    who was erased. A date is a day in the controller's time zone, which `status` names. With
    --follow, `key rotate` and `backup restore` have to wait.

    \b
    Examples:
      facecli log show -n 5
      facecli log show --since 2026-11-01 --action consent --ref A-1001
    """
    if follow and output is not None:
        raise click.UsageError("--follow goes to stdout; leave --output out")
    from facecli.audit import query  # a nightly export starts quicker without

    log_times.check(since, until)
    if count is None and since is None and until is None:
        count = SHOWN
    with session(settings, "log.show") as opened:
        period = log_times.period_of(opened.db, since, until)
        wanted = query.Filter(*period, actions, _pseudonym(opened, ref))
        if follow:
            _follow(opened, wanted, count, "jsonl" if form == "json" else form)
            return
        entries = query.find(opened.db, wanted, count)
    with reporting(ENTRY, form, output) as report:
        _report(report, entries)


def _pseudonym(opened: Session, ref: str | None) -> str | None:
    if ref is None:
        return None
    from facecli.consent import subjects  # a nightly export starts quicker without

    return subjects.find(opened.db, ref).pseudonym


def _report(report: Reporter, entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        user = {"user": Actor.of(entry["actor"]).in_words} if report.form == "table" else {}
        report.add({**entry, **user})


def _follow(opened: Session, wanted: query.Filter, count: int | None, form: str) -> None:
    """Print entries as they come. A table cannot grow, so that each is one line then."""
    from facecli.audit import query

    seen, changes = 0, None
    with reporting(ENTRY, "jsonl" if form == "table" else form, None) as report:
        while True:
            if (now := opened.db.changes_of_others()) != changes:
                entries = query.find(opened.db, wanted, count, seen)
                if form == "table" and entries:
                    print_text("\n".join(map(_in_a_line, entries)))
                elif form != "table":
                    _report(report, entries)
                seen = entries[-1]["seq"] if entries else seen
                changes, count = now, None
            time.sleep(EVERY)


def _in_a_line(entry: dict[str, Any]) -> str:
    words = [
        str(entry["seq"]), entry["at"], Actor.of(entry["actor"]).in_words, entry["action"],
        entry["outcome"], entry["subject_id"] or "-", entry["purpose"] or "-",
        json_text(entry["details"]),
    ]  # fmt: skip
    return printable("  ".join(words))


@command.command(
    epilog="Exit codes: 0 done; 1 FILE is not usable; 2 usage; 30 the log was altered; 31 it was "
    "cut, or an earlier state replaced it; 74 output, and nothing changed; 75 sealed, but it could "
    "not be written; 10-12 database or key."
)
@click.option("--trust-key", "only", flag_value="trust-key",
              help="Print the log's trust key, and seal nothing.")  # fmt: skip
@click.option("--vkey", "only", flag_value="vkey",
              help="Print the log's identity key for C2SP tools, and seal nothing.")  # fmt: skip
@click.option("--since", type=FILE, metavar="FILE",
              help="Print the link from this checkpoint, certificate or receipt to a new "
              "checkpoint.")  # fmt: skip
@click.option("--to", type=FILE, metavar="FILE",
              help="With --since: to this one, which you kept, and seal nothing.")  # fmt: skip
@click.option("--output", type=CHECKPOINT_OUTPUT, metavar="FILE",
              help="Write to FILE, whole or not at all. A checkpoint in FILE is replaced only if "
              "the log extends it.")  # fmt: skip
@pass_settings
def checkpoint(
    settings: Settings, only: str | None, since: Path | None, to: Path | None, output: Path | None
) -> None:
    """Seal the log as it stands, and print the signed checkpoint; keep it elsewhere.

    Whoever holds it can see that something before it was altered, cut off or replaced. Once a
    day the key that signs is replaced and erased.

    A link is the body of a request add-checkpoint to a C2SP witness.

    \b
    Examples:
      facecli log checkpoint --output /media/auditor/seal
      facecli log checkpoint --since /media/auditor/seal --output link
      facecli log checkpoint --since A-1.json --to /media/auditor/seal
    """
    if only is not None and since is not None:
        raise click.UsageError(f"--{only} seals nothing, so that --since has no meaning with it")
    if to is not None and since is None:
        raise click.UsageError("--to needs --since")
    replaced = None if only is not None or since is not None else kept_checkpoint(output)
    with session(settings, "log.checkpoint") as opened:
        if only == "trust-key":
            text = str(sealing.trust_key(opened.db))
        elif only == "vkey":
            text = str(sealing.identity_key(opened.db).verifier())
        elif since is not None and to is not None:
            text = _link_of_kept(opened.db, since, to)
        else:
            with output_of_act(opened.act, output, proves=True) as (act, stream):
                text = _sealed(act, replaced) if since is None else _link(act, since)
                stream.write(text.encode())
            return
    print_text(text, output)


def _sealed(act: Act, replaced: bytes | None) -> str:
    held = None if replaced is None else sealing.open_held(replaced, act.db)
    return sealing.checkpoint(act, held)


def _link(act: Act, since: Path) -> str:
    held = sealing.open_held(held_at(since), act.db)
    text = sealing.checkpoint(act, held)
    return _link_text(act.db, held, text)


def _link_of_kept(db: Database, since: Path, to: Path) -> str:
    text = held_at(to).decode("utf-8", "replace")
    held = [sealing.open_held(each, db) for each in (held_at(since), text)]
    with db.snapshot():
        for each in held:
            sealing.check_extends(db, each)
        if held[0].size > held[1].size:
            raise click.UsageError("--to is the earlier of the two; exchange --since and --to")
        return _link_text(db, held[0], text)


def _link_text(db: Database, held: Checkpoint, text: str) -> str:
    from facecli.audit.links import Link
    from facecli.audit.stored_entries import tree

    size = sealing.open_held(text, db).size
    return Link(held.size, tuple(tree(db).consistency(held.size, size)), text).text


@command.command(
    epilog="Exit codes: 0 done; 21 an entry records no erasure; 30, 31 the log was altered or "
    "replaced; 74 output; 10-12 database or key."
)
@click.argument("seqs", nargs=-1, required=True, type=click.IntRange(1), metavar="SEQ...")
@click.option("--output", type=OUTPUT, required=True, metavar="FILE",
              help="Write the certificate to FILE; of several, a list.")  # fmt: skip
@pass_settings
def certificate(settings: Settings, seqs: tuple[int, ...], output: Path) -> None:
    """Certify erasures again, from their entries in the log.

    For a certificate that was lost, or that a crash kept from being written.

    \b
    Example:
      facecli log certificate 812 --output A-1001.json
    """
    from facecli.cli.certificate_file import certifying  # a nightly export starts quicker without

    with (
        session(settings, "log.certificate") as opened,
        certifying(output, opened.act, seqs=seqs, single=len(seqs) == 1) as begin,
        begin() as act,
    ):
        act.record("log.certificate", details={"entries": list(seqs)})
