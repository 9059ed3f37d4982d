"""Checkpoints in files: replaced only by another one, found in a certificate or receipt."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from facecli.cli.checkpoint_file import held_at, kept_checkpoint
from facecli.errors.audit import WrongFile
from facecli.errors.command_line import BadInput
from tests.audit.logs import Log

LOG = Log().append(3)
SEAL = LOG.seal().encode()
PROOF = f"c2sp.org/tlog-proof@v1\nindex 0\n\n{LOG.seal()}"
CERTIFICATE = {"schema": "facecli.erasure-certificate/2", "proof": PROOF}
RECEIPT = {"schema": "facecli.consent-receipt/1", "log": [{"proof": "none"}, {"proof": PROOF}]}


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "given"
    path.write_bytes(content)
    return path


def test_a_place_without_a_file_has_nothing_to_replace(tmp_path: Path) -> None:
    assert kept_checkpoint(None) is None
    assert kept_checkpoint(tmp_path / "none") is None
    assert kept_checkpoint(tmp_path) is None


def test_a_checkpoint_is_replaced_in_whatever_form_it_came_back(tmp_path: Path) -> None:
    for content in (SEAL, SEAL.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + SEAL, SEAL[:-1]):
        assert kept_checkpoint(_file(tmp_path, content)) == SEAL


@pytest.mark.parametrize("content", [b"", b"\n", b"notes of mine\n"])
def test_an_empty_or_foreign_file_holds_no_checkpoint(content: bytes, tmp_path: Path) -> None:
    assert kept_checkpoint(_file(tmp_path, content)) is None


@pytest.mark.parametrize(
    "content", [b"".join(LOG.export()), json.dumps(CERTIFICATE).encode(), b"old 3\n"]
)
def test_another_file_of_facecli_is_not_replaced(content: bytes, tmp_path: Path) -> None:
    path = _file(tmp_path, content)
    with pytest.raises(click.UsageError, match="is not replaced"):
        kept_checkpoint(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "content",
    [SEAL, json.dumps(CERTIFICATE).encode(), json.dumps([{}, CERTIFICATE]).encode(),
     json.dumps(RECEIPT).encode()],
)  # fmt: skip
def test_the_checkpoint_of_the_last_proof_is_found(content: bytes, tmp_path: Path) -> None:
    assert held_at(_file(tmp_path, content)) == SEAL


@pytest.mark.parametrize(
    "changed",
    [
        {**CERTIFICATE, "proof": None}, {**CERTIFICATE, "proof": "no proof"},
        {**RECEIPT, "log": []}, {**RECEIPT, "log": ["text"]}, {**RECEIPT, "log": None},
    ],
)  # fmt: skip
def test_a_document_without_a_proof_is_refused(changed: object, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="carries no proof"):
        held_at(_file(tmp_path, json.dumps(changed).encode()))


def test_what_holds_no_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongFile):
        held_at(_file(tmp_path, b"".join(LOG.export())))
    with pytest.raises(BadInput, match="no such file"):
        held_at(tmp_path / "none")
