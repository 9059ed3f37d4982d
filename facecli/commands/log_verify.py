"""`facecli log verify`: is the log whole? In the database, or offline in what an auditor holds."""

from __future__ import annotations

import json
from pathlib import Path

import click

from facecli.audit import sealing
from facecli.audit.checkpoints import open_seal, parse_trust_key
from facecli.audit.log_verification import verify_export
from facecli.audit.verifier_files import CERTIFICATE, CHECKPOINT, content, export_lines
from facecli.cli.options import FILE, pass_settings
from facecli.cli.output import print_text
from facecli.cli.session import Settings, session
from facecli.errors.command_line import BadInput
from facecli.keys.signing import VerifierKey
from facecli.printable import printable

DOUBLE = "a name stands twice in one of its objects"
# Between two values is a comma; a certificate has one in 40 bytes or more. Other JSON might take
# twenty times as much memory as its text.
MOST_VALUES, BYTES_A_VALUE = 1000, 20


@click.command(
    epilog="Exit codes: 0 whole; 1 an input is unusable; 2 usage; 30 the log was altered; 31 it "
    "was cut or put back; 32 it is not sealed; 33 a page of the database is damaged; 10-12 "
    "database or key."
)
@click.option("--against", type=FILE, metavar="FILE",
              help="The log must extend this checkpoint, which was kept elsewhere.")  # fmt: skip
@click.option("--file", type=FILE, metavar="FILE",
              help="Verify this export in JSON Lines; needs no database and no key.")  # fmt: skip
@click.option("--certificate", type=FILE, metavar="FILE",
              help="Verify this certificate of erasure; needs no database and no key.")  # fmt: skip
@click.option("--checkpoint", type=FILE, metavar="FILE",
              help="The checkpoint that was kept, for --file and --certificate.")  # fmt: skip
@click.option("--trust-key", "trust", metavar="K",
              help="The log's trust key, which `init` printed.")  # fmt: skip
@pass_settings
def verify(
    settings: Settings,
    against: Path | None,
    file: Path | None,
    certificate: Path | None,
    checkpoint: Path | None,
    trust: str | None,
) -> None:
    """Verify that no entry was edited, removed, reordered or cut off.

    Of the database: every entry, the last checkpoint, the keys that signed it, and every page.
    With --against also that nothing was put back to before that checkpoint.

    \b
    Examples:
      facecli log verify --against seal --trust-key "$(cat trust.key)"
      facecli log verify --file log.jsonl --checkpoint seal --trust-key "$(cat trust.key)"
      facecli log verify --certificate A-1.json --checkpoint seal --trust-key "$(cat trust.key)"
    """
    _check_usage(against, file, certificate, checkpoint, trust)
    key = None if trust is None else parse_trust_key(trust)
    if file is not None and key is not None:
        said = _verify_file(file, checkpoint, key)
    elif certificate is not None and checkpoint is not None and key is not None:
        said = _verify_certificate(certificate, checkpoint, key)
    else:
        said = _verify_database(settings, against, key)
    if not settings.quiet:
        print_text("\n".join(map(printable, said)))


def _check_usage(
    against: Path | None,
    file: Path | None,
    certificate: Path | None,
    checkpoint: Path | None,
    trust: str | None,
) -> None:
    if sum(path is not None for path in (against, file, certificate)) > 1:
        raise click.UsageError("give one of --against, --file and --certificate")
    offline = file is not None or certificate is not None
    if offline and trust is None:
        raise click.UsageError("--file and --certificate need --trust-key")
    if checkpoint is not None and not offline:
        raise click.UsageError("--checkpoint goes with --file or --certificate; for the database "
                               "there is --against")  # fmt: skip
    if certificate is not None and checkpoint is None:
        raise click.UsageError("--certificate needs --checkpoint")


def _verify_database(
    settings: Settings, against: Path | None, key: VerifierKey | None
) -> list[str]:
    held = None if against is None else content(against, CHECKPOINT)
    with session(settings, "log.verify") as opened:
        found = sealing.verify(opened.db, held, key)
    lines = [f"The log is whole: {found.entries} entries, none altered, none missing."]
    lines.append(f"Sealed on {found.sealed_at} up to entry {found.sealed}.")
    if found.entries > found.sealed:
        lines.append(f"The entries from {found.sealed + 1} on are not sealed yet.")
    if held is None:
        lines.append("That it was not put back to an earlier state shows only with --against.")
    return lines


def _verify_file(file: Path, checkpoint: Path | None, key: VerifierKey) -> list[str]:
    held = None if checkpoint is None else content(checkpoint, CHECKPOINT)
    found = verify_export(export_lines(file), key, held)
    entries = f"entries {found.after + 1} to {found.until}"
    if found.until == found.after:
        entries = "no entries"
    lines = [f"The export is whole: {entries}, none altered, none missing."]
    sealed = found.seal.checkpoint.size
    if sealed > found.until:
        lines.append(f"The log goes on to entry {sealed}, which this export leaves out.")
    if held is None:
        lines.append("Without --checkpoint it may be older than what you saw before.")
    return lines


def _verify_certificate(certificate: Path, checkpoint: Path, key: VerifierKey) -> list[str]:
    from facecli.erasure import certificates

    seal = open_seal(content(checkpoint, CHECKPOINT), key)
    text = content(certificate, CERTIFICATE)
    if text.count(b",") > MOST_VALUES + len(text) // BYTES_A_VALUE:
        raise BadInput(what=str(certificate), why="it holds more values than a certificate")
    try:
        document = json.loads(text, object_pairs_hook=_without_doubles)
        found = certificates.verify_all(document, seal)
    except RecursionError:
        raise BadInput(what=str(certificate), why="it is nested too deeply") from None
    except ValueError as error:
        why = str(error) if str(error) == DOUBLE else "it is not JSON"
        raise BadInput(what=str(certificate), why=why) from None
    return [certificates.sentence(one) for one in found]


def _without_doubles(members: list[tuple[str, object]]) -> dict[str, object]:
    """An object in which no name stands twice: readers would differ on which of them counts."""
    found = dict(members)
    if len(found) < len(members):
        raise ValueError(DOUBLE)
    return found
