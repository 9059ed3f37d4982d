"""`facecli log verify`: verify the log in the database, or offline in the files of an auditor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from facecli.audit import export_files, links, witnesses
from facecli.audit.chain_end import Kept
from facecli.audit.checkpoints import Checkpoint, compare, named, open_checkpoint, stated_trust_key
from facecli.audit.export_files import ExportFile
from facecli.audit.links import Link
from facecli.audit.log_verification import Verified, verify_chain
from facecli.audit.trust_key import TrustKey
from facecli.audit.verifier_files import CERTIFICATE, CHECKPOINT, LINK, RECEIPT, content, documents
from facecli.audit.witnesses import WitnessKey
from facecli.audit.words import counted_entries
from facecli.cli.options import FILE, pass_settings
from facecli.cli.output import print_sentences
from facecli.cli.session import Settings, session
from facecli.errors.audit import AnotherLog, ProofUnlinked
from facecli.errors.command_line import BadInput
from facecli.printable import counted

STATED = (
    "This shows that the holder of the log's identity key stated it. That it is part of a log "
    "which you hold shows with exports, or with --checkpoint and --link."
)


@dataclass(frozen=True)
class Proven:
    """A certificate or receipt that holds: its kind, its content in words, its checkpoint."""

    kind: str
    sentence: str
    kept: Kept


@dataclass
class Inputs:
    """The files of an offline verification, opened with the trust key."""

    kept: list[Kept]
    links: list[tuple[Link, Checkpoint]]
    proven: list[Proven]
    changed: dict[str, list[str]] = field(default_factory=dict)


@click.command(
    epilog="Exit codes: 0 whole; 1 an input is unusable; 2 usage; 30 the log was altered; 31 it "
    "was cut, or an earlier state replaced it; 32 it is not sealed, not linked or not witnessed; "
    "33 a page of the database is damaged; 10-12 database or key."
)
@click.argument("files", type=FILE, nargs=-1, metavar="[FILE]...")
@click.option("--file", "more", type=FILE, multiple=True, metavar="FILE",
              help="The same as FILE.")  # fmt: skip
@click.option("--against", type=FILE, metavar="FILE",
              help="The database's log must extend this checkpoint, kept elsewhere.")  # fmt: skip
@click.option("--certificate", type=FILE, multiple=True, metavar="FILE",
              help="Verify this certificate of erasure.")  # fmt: skip
@click.option("--receipt", type=FILE, multiple=True, metavar="FILE",
              help="Verify this receipt of a consent, in JSON.")  # fmt: skip
@click.option("--checkpoint", "checkpoints", type=FILE, multiple=True, metavar="FILE",
              help="A checkpoint that you kept; may be repeated.")  # fmt: skip
@click.option("--link", "link_files", type=FILE, multiple=True, metavar="FILE",
              help="A link that `log checkpoint --since` printed; may be repeated.")  # fmt: skip
@click.option("--witness", "witness_keys", multiple=True, metavar="VKEY",
              help="Require the line of this witness; may be repeated.")  # fmt: skip
@click.option("--quorum", type=click.IntRange(1), metavar="N",
              help="Require N of the witnesses.  [default: all]")  # fmt: skip
@click.option("--trust-key", "trust", metavar="K",
              help="The log's trust key, which `init` printed.")  # fmt: skip
@pass_settings
def verify(
    settings: Settings,
    files: tuple[Path, ...],
    more: tuple[Path, ...],
    against: Path | None,
    certificate: tuple[Path, ...],
    receipt: tuple[Path, ...],
    checkpoints: tuple[Path, ...],
    link_files: tuple[Path, ...],
    witness_keys: tuple[str, ...],
    quorum: int | None,
    trust: str | None,
) -> None:
    """Verify that no entry was edited, removed, reordered or cut off.

    With exports as FILE, in any order: all of them as one chain, without a gap. With a
    certificate or a receipt: that it holds, and with exports that it is part of their log.
    Neither needs a database or a key.

    Without files: every entry of the database, its keys, its last checkpoint, and every page.

    \b
    Examples:
      facecli log verify log-*.jsonl --checkpoint seal --trust-key "$(cat trust.key)"
      facecli log verify log-*.jsonl --certificate A-1.json --trust-key "$(cat trust.key)"
      facecli log verify --against seal --trust-key "$(cat trust.key)"
    """
    exports = list({path.resolve(): path for path in (*files, *more)}.values())
    offline = bool(exports or certificate or receipt)
    _check_usage(offline, against, checkpoints, link_files, trust)
    required = [WitnessKey.parse(text) for text in witness_keys]
    if quorum is not None and quorum > len(required):
        raise click.UsageError(f"--quorum {quorum} needs as many --witness")
    key = None if trust is None else TrustKey.parse(trust)
    kept = (*checkpoints, *certificate, *receipt)
    for path in (*exports, *kept, *link_files, *([against] if against else [])):
        if _is_named_pipe(path):
            settings.note(f"{path} is a pipe: waiting until a program has written all of it.")
    if offline and key is not None:
        with _key_refused_if_unnamed(key, exports, kept):
            inputs = _opened(key, checkpoints, link_files, certificate, receipt)
        stated = _verify_offline(exports, key, inputs, required, quorum or len(required))
        for name, changes in inputs.changed.items():
            settings.note(f"{name}: {', '.join(changes)} on its way; nothing was judged by that.")
    else:
        stated = _verify_database(settings, against, key, required, quorum or len(required))
    if not settings.quiet:
        print_sentences(stated)


def _is_named_pipe(path: Path) -> bool:
    """Return True for a pipe of the file system, which waits for its writer, not for `<(…)`."""
    return not path.is_symlink() and path.is_fifo()


def _check_usage(
    offline: bool,
    against: Path | None,
    checkpoints: Sequence[Path],
    link_files: Sequence[Path],
    trust: str | None,
) -> None:
    if offline and against is not None:
        raise click.UsageError("--against is for the database; give --checkpoint with files")
    if offline and trust is None:
        raise click.UsageError("FILE, --certificate and --receipt need --trust-key")
    if (checkpoints or link_files) and not offline:
        raise click.UsageError(
            "--checkpoint and --link go with FILE, --certificate or --receipt; for the database "
            "there is --against"
        )


def _verify_database(
    settings: Settings,
    against: Path | None,
    key: TrustKey | None,
    required: Sequence[WitnessKey],
    quorum: int,
) -> list[str]:
    from facecli.audit import sealing

    changed: dict[str, list[str]] = {}
    held = [] if against is None else [(str(against), content(against, CHECKPOINT, changed))]
    with session(settings, "log.verify") as opened:
        found = sealing.verify(opened.db, held, key)
        notes = [sealing.open_held(text, opened.db).note for _, text in held]
    lines = [f"The log is whole: {counted_entries(found.entries)}, none altered, none missing."]
    lines.append(f"Sealed on {found.sealed_at} up to entry {found.sealed}.")
    if found.entries > found.sealed:
        lines.append(f"The entries from {found.sealed + 1} on are not sealed yet.")
    if required:
        covered = witnesses.check_quorum(notes, required, quorum)
        lines.append(f"Cosigned by the witnesses up to entry {covered}.")
    if not held:
        lines.append("Only --against shows that no earlier state replaced it.")
    return lines


def _opened(
    key: TrustKey,
    checkpoints: Sequence[Path],
    link_files: Sequence[Path],
    certificate_files: Sequence[Path],
    receipt_files: Sequence[Path],
) -> Inputs:
    changed: dict[str, list[str]] = {}
    kept = []
    for path in checkpoints:
        with named(str(path)):
            kept.append(Kept(open_checkpoint(content(path, CHECKPOINT, changed), key), str(path)))
    given = [Link.parse(content(path, LINK, changed), str(path)) for path in link_files]
    proven = [
        *_certificates(key, certificate_files, changed), *_receipts(key, receipt_files, changed),
    ]  # fmt: skip
    return Inputs(kept, links.opened(given, key), proven, changed)


def _certificates(
    key: TrustKey, files: Sequence[Path], changed: dict[str, list[str]]
) -> Iterator[Proven]:
    if not files:
        return
    from facecli.erasure import certificates

    for path in files:
        for document in documents(path, CERTIFICATE, changed):
            with named(str(path)):
                found = certificates.verify(document, key, str(path))
            kept = Kept(found.checkpoint, str(path), CERTIFICATE)
            yield Proven(CERTIFICATE, certificates.sentence(found), kept)


def _receipts(
    key: TrustKey, files: Sequence[Path], changed: dict[str, list[str]]
) -> Iterator[Proven]:
    if not files:
        return
    from facecli.audit.proofs import prove
    from facecli.consent import receipts

    for path in files:
        for document in documents(path, RECEIPT, changed):
            if not isinstance(document, dict) or document.get("schema") != receipts.SCHEMA:
                raise BadInput(what=str(path), why=f"it is no {receipts.SCHEMA}")
            log = document.get("log")
            if (
                not isinstance(log, list)
                or not all(isinstance(one, dict) for one in log)
                or not log
            ):
                raise BadInput(what=str(path), why="it carries no proof of its entry")
            with named(str(path)):
                found = [prove(one.get("entry"), one.get("proof"), key, RECEIPT) for one in log]
                entries = [one.entry for one in found]
                receipts.check(document, entries, str(path))
            stated = receipts.sentence(document, entries)
            for one in found:
                yield Proven(RECEIPT, stated, Kept(one.checkpoint, str(path), RECEIPT))
                stated = ""


def _verify_offline(
    exports: Sequence[Path],
    key: TrustKey,
    inputs: Inputs,
    required: Sequence[WitnessKey],
    quorum: int,
) -> list[str]:
    lines: list[str] = []
    if exports:
        found, lines = _verify_files(exports, key, inputs)
        covering = [found.covering]
    else:
        covering = _check_linked(inputs)
    lines += [one.sentence for one in inputs.proven if one.sentence]
    if inputs.proven and not exports and not inputs.kept:
        lines.append(STATED)
    if required:
        covered = min(
            witnesses.check_quorum([one.note for one in each], required, quorum)
            for each in covering
        )
        lines.append(f"Cosigned by the witnesses up to entry {covered}.")
    return lines


@contextmanager
def _key_refused_if_unnamed(
    key: TrustKey, exports: Sequence[Path], kept: Sequence[Path]
) -> Iterator[None]:
    """Refuse the trust key, not the files, if none of them names its log: it may be the wrong one.

    Raises:
        AnotherLog: one file is of another log, and another file of that of the trust key.
        BadInput: none is of the log of the trust key.
    """
    try:
        yield
    except AnotherLog as error:
        if _is_named(key, exports, kept):
            raise
        raise BadInput(what="--trust-key", why=str(error.details["why"])) from None


def _is_named(key: TrustKey, exports: Sequence[Path], kept: Sequence[Path]) -> bool:
    """Return True if a file names the log of the trust key.

    What was read from a pipe cannot be read again, and counts as naming it.
    """
    if any(not path.is_file() or key.name.encode() in path.read_bytes() for path in kept):
        return True
    with export_files.opened(*exports) as files:
        return key.name in map(_origin, files)


def _origin(file: ExportFile) -> str:
    with named(file.name):
        return stated_trust_key(file.seal).name


def _verify_files(
    exports: Sequence[Path], key: TrustKey, inputs: Inputs
) -> tuple[Verified, list[str]]:
    with export_files.opened(*exports) as files:
        if key.name not in map(_origin, files):
            raise BadInput(
                what="--trust-key",
                why=f"it is of the log {key.name}, and {files[0].name} is of another one, "
                f"{_origin(files[0])}",
            )
        proven = [one.kept for one in inputs.proven]
        found = verify_chain(files, key, inputs.kept, proven, inputs.links)
    inputs.changed.update(found.changed)
    return found, _chain_in_words(found, len(exports), bool(inputs.kept or inputs.proven))


def _chain_in_words(found: Verified, count: int, anything_kept: bool) -> list[str]:
    entries = f"entries {found.after + 1:,} to {found.until:,}"
    if found.until == found.after:
        entries = "no entries"
    if count == 1:
        lines = [f"The export is whole: {entries}, none altered, none missing."]
    else:
        days = f"{found.first_at[:10]} to {found.last_at[:10]}, " if found.first_at else ""
        lines = [
            f"The chain of {counted(count, 'export')} is whole: "
            f"{entries}, {days}none altered, none missing."
        ]
    sealed = found.checkpoint.size
    if sealed > found.until:
        lines.append(f"The log goes on to entry {sealed:,}, which is left out here.")
    if not anything_kept:
        if found.after:
            lines.append(
                f"What came before entry {found.after + 1:,} is not shown: give the export before "
                "it, or a kept checkpoint."
            )
        lines.append("Without --checkpoint it may be older than what you saw before.")
    return lines


def _check_linked(inputs: Inputs) -> list[list[Checkpoint]]:
    """Check that each certificate and receipt is of the same log as each kept checkpoint.

    Returns:
        For each certificate and receipt, the checkpoints that are shown to cover its entry.

    Raises:
        LogAltered, LogTruncated: they are of different courses of the log.
        ProofUnlinked: no link shows it.
    """
    covering = []
    for one in inputs.proven:
        own = links.reached(one.kept.checkpoint, inputs.links)
        larger = [
            kept.checkpoint
            for kept in inputs.kept
            if kept.checkpoint.size >= one.kept.checkpoint.size
        ]
        covering.append([*own.values(), *larger])
        for kept in inputs.kept:
            compare(one.kept.checkpoint, kept.checkpoint)
            if own.keys().isdisjoint(links.reached(kept.checkpoint, inputs.links)):
                raise ProofUnlinked(
                    kind=one.kind,
                    why=f"it was made at {counted_entries(one.kept.checkpoint.size)}, and "
                    f"{kept.name} covers {kept.checkpoint.size}",
                )
    return covering
