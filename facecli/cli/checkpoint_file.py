"""Checkpoints that a command finds in files: one that it replaces, one that it starts from."""

from __future__ import annotations

from pathlib import Path

import click

from facecli.audit.verifier_files import (
    CERTIFICATE,
    CHECKPOINT,
    HEAD,
    RECEIPT,
    UNKNOWN,
    content,
    documents,
    kind_of,
    put_right,
    unusable,
)
from facecli.errors.command_line import BadInput

REPLACED = (CHECKPOINT, "empty", UNKNOWN)


def kept_checkpoint(path: Path | None) -> bytes | None:
    """Return the checkpoint in the file that a new one is to replace, or None if there is none.

    Raises:
        UsageError: another file of facecli lies there.
        BadInput: it cannot be read.
    """
    if path is None or not path.is_file():
        return None
    with unusable(path):
        read = path.read_bytes()
    kind = kind_of(read[:HEAD])
    if kind not in REPLACED:
        raise click.UsageError(f"{path} is no checkpoint ({kind}), and is not replaced by one")
    return put_right(str(path), CHECKPOINT, read) if kind == CHECKPOINT else None


def held_at(path: Path) -> bytes:
    """Return the checkpoint in a file: the file itself, or that of a certificate or receipt.

    Raises:
        WrongFile, BadInput: there is none in it.
    """
    with unusable(path), path.open("rb") as stream:
        kind = kind_of(stream.read(HEAD))
    if kind not in (CERTIFICATE, RECEIPT):
        return content(path, CHECKPOINT)
    document = documents(path, kind)[-1]
    if isinstance(document, dict) and kind == RECEIPT:
        log = document.get("log")
        document = log[-1] if isinstance(log, list) and log else None
    proof = document.get("proof") if isinstance(document, dict) else None
    note = proof.partition("\n\n")[2] if isinstance(proof, str) else ""
    if not note:
        raise BadInput(what=str(path), why="it carries no proof with a checkpoint")
    return note.encode("utf-8", "replace")
