"""`facecli log`: what was done, by whom."""

from __future__ import annotations

from pathlib import Path

import click

from facecli.audit import sealing
from facecli.audit.entries import latest
from facecli.cli.files import durable_output
from facecli.cli.help_pages import CommandGroup
from facecli.cli.options import FILE, pass_settings, reports
from facecli.cli.output import print_text, reporting
from facecli.cli.records import RecordKind
from facecli.cli.session import Settings, session
from facecli.commands import log_export, log_verify

ENTRY = RecordKind(
    "log-entry",
    ("seq", "at", "actor", "action", "outcome", "subject_id", "purpose", "details", "leaf_hash"),
    ("seq", "at", "user", "action", "outcome", "subject_id", "purpose", "details"),
    dispensable=("subject_id", "details", "purpose", "user"),
)


@click.group(cls=CommandGroup, epilog="Exit codes: each command's own; see its --help.")
def command() -> None:
    """What was done, by whom, when, and for which purpose; never a name, a ref or a face.

    \b
    Example:
      facecli log show -n 5
    """


@command.command(epilog="Exit codes: 0 done; 10-12 database or key.")
@click.option("-n", "count", type=click.IntRange(1, 10**9), default=20, show_default=True,
              metavar="N", help="How many entries, the latest ones.")  # fmt: skip
@reports
@pass_settings
def show(settings: Settings, count: int, form: str, output: Path | None) -> None:
    """Show the latest entries, oldest first.

    \b
    Example:
      facecli log show -n 5
    """
    with session(settings, "log.show") as opened:
        entries = latest(opened.db, count)
    with reporting(ENTRY, form, output) as report:
        for entry in entries:
            user = {"user": entry["actor"]["user"]} if form == "table" else {}
            report.add({**entry, **user})


command.add_command(log_export.export)
command.add_command(log_verify.verify)


@command.command(
    epilog="Exit codes: 0 done; 30 the log was altered; 31 it was cut or put back; 74 output; "
    "10-12 database or key."
)
@click.option("--trust-key", "only_trust_key", is_flag=True,
              help="Print the log's trust key alone, and seal nothing.")  # fmt: skip
@click.option("--output", type=FILE, metavar="FILE",
              help="Write the checkpoint to FILE, whole or not at all.")  # fmt: skip
@pass_settings
def checkpoint(settings: Settings, only_trust_key: bool, output: Path | None) -> None:
    """Seal the log as it stands, and print the signed checkpoint; keep it elsewhere.

    Who holds it notices when anything before it is altered, cut off or put back. Once a day the
    key that signs is replaced and erased.

    \b
    Example:
      facecli log checkpoint --output /media/auditor/seal
    """
    with session(settings, "log.checkpoint") as opened:
        if only_trust_key:
            text = str(sealing.trust_key(opened.db))
        else:
            with opened.act() as act:
                text = sealing.checkpoint(act)
    if only_trust_key:
        print_text(text, output)
        return
    with durable_output(output) as stream:
        stream.write(text.encode())


@command.command(
    epilog="Exit codes: 0 done; 21 an entry records no erasure; 30, 31 the log was altered or put "
    "back; 74 output; 10-12 database or key."
)
@click.argument("seqs", nargs=-1, required=True, type=click.IntRange(1), metavar="SEQ...")
@click.option("--output", type=FILE, required=True, metavar="FILE",
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
