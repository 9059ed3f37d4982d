"""Files given to a verifier: known by their beginning, read within limits, put right in form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from facecli.audit import verifier_files
from facecli.audit.verifier_files import (
    BLANK,
    BOM,
    CERTIFICATE,
    CHECKPOINT,
    CR_LF,
    EXPORT,
    LINK,
    MARKED,
    NO_NEWLINE,
    RECEIPT,
    UNKNOWN,
    changes_of_form,
    content,
    documents,
    kind_of,
    unusable,
)
from facecli.errors.audit import WrongFile
from facecli.errors.command_line import BadInput
from tests.audit.logs import Log

LOG = Log().append(3)
KINDS = {
    "empty": b"\r\n\n",
    "compressed": b"\x1f\x8b\x08",
    "utf-16": "\ufeff{}".encode("utf-16-le"),
    "csv": b"seq,at,actor_uid\n",
    "cef": b"CEF:0|facecli|facecli|\n",
    "syslog": b"<110>1 2026-11-23T21:00:05Z gate facecli - -\n",
    "ocsf": b'{"category_uid":3,"x":1}\n',
    LINK: b"old 12\n",
    CERTIFICATE: b'{"schema": "facecli.erasure-certificate/2"}',
    RECEIPT: b'{"schema": "facecli.consent-receipt/1"}',
    "cursor": b'{"schema":"facecli.log-cursor/1","seq":1}',
    EXPORT: b"".join(LOG.export()),
    CHECKPOINT: LOG.seal().encode(),
    UNKNOWN: b"good morning\n",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_known_by_its_beginning_with_and_without_a_mark(kind: str) -> None:
    assert kind_of(KINDS[kind]) == kind
    if kind != "utf-16":
        assert kind_of(BOM + KINDS[kind]) == kind


def test_an_export_with_a_word_of_another_kind_is_an_export() -> None:
    for kind in (CERTIFICATE, RECEIPT, "cursor", CHECKPOINT):
        assert kind_of(KINDS[EXPORT].replace(b"gate", KINDS[kind], 1)) == EXPORT


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {CHECKPOINT}))
def test_another_kind_is_refused_with_its_name_and_its_maker(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "given"
    path.write_bytes(KINDS[kind])
    with pytest.raises(WrongFile) as refused:
        content(path, CHECKPOINT)
    assert refused.value.details["what"] == str(path)
    assert "facecli log checkpoint" in str(refused.value.remedy).format(**refused.value.details)


@pytest.mark.parametrize(
    ("changed", "changes"),
    [
        (lambda text: text, []),
        (lambda text: BOM + text, [MARKED]),
        (lambda text: text.replace(b"\n", b"\r\n"), [CR_LF]),
        (lambda text: text + b"\n\n", [BLANK]),
        (lambda text: text.rstrip(b"\n"), [NO_NEWLINE]),
    ],
)
def test_form_is_put_right_and_reported(
    changed: object, changes: list[str], tmp_path: Path
) -> None:
    path, text = tmp_path / "seal", LOG.seal().encode()
    assert callable(changed)
    path.write_bytes(changed(text))
    found: dict[str, list[str]] = {}
    assert content(path, CHECKPOINT, found) == text
    assert found == ({str(path): changes} if changes else {})
    assert changes_of_form(path.read_bytes()) == changes


def test_a_file_that_is_too_large_or_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "seal"
    with pytest.raises(BadInput, match="no such file"):
        content(path, CHECKPOINT)
    with pytest.raises(BadInput, match="is a directory"):
        content(tmp_path, CHECKPOINT)
    path.write_text(LOG.seal())
    monkeypatch.setattr(verifier_files, "LONGEST_LINE", 100)
    with pytest.raises(BadInput, match="larger than"):
        content(path, CHECKPOINT)


def test_only_errors_of_the_system_are_turned_into_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), unusable(tmp_path):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not JSON"),
        ("[]", "the list is empty"),
        ('{"a": 1, "a": 2}', "stands twice"),
        ("[" * 100_000, "nested too deeply"),
        ("[" + ",".join("1" * 2000) + "]", "more values"),
    ],
)
def test_json_that_no_facecli_wrote_is_refused(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "certificate"
    path.write_text(text)
    with pytest.raises(BadInput, match=why):
        documents(path, CERTIFICATE)


def test_one_document_or_a_list_of_them(tmp_path: Path) -> None:
    path, one = tmp_path / "certificate", {"schema": "facecli.erasure-certificate/2"}
    path.write_text(json.dumps(one))
    assert documents(path, CERTIFICATE) == [one]
    path.write_text(json.dumps([one, one]))
    assert documents(path, CERTIFICATE) == [one, one]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize(
    ("kind", "text"), [(EXPORT, KINDS[EXPORT]), (CHECKPOINT, KINDS[CHECKPOINT])]
)
def test_a_file_in_another_encoding_is_called_by_its_name(
    encoding: str, mark: str, kind: str, text: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "given"
    path.write_bytes((mark + text.decode()).encode(encoding))
    with pytest.raises(WrongFile, match=f"it was saved as {encoding[:6].upper()};"):
        content(path, kind)


@pytest.mark.parametrize("kind", [EXPORT, CHECKPOINT, LINK])
@pytest.mark.parametrize("ending", [b"\r", b"\r\r"])
def test_line_ends_of_a_cr_alone_are_named_and_accuse_nobody(
    kind: str, ending: bytes, tmp_path: Path
) -> None:
    path, text = tmp_path / "given", KINDS[kind] if kind != LINK else b"old 3\nAAAA\n"
    path.write_bytes(text.replace(b"\n", ending))
    with pytest.raises(WrongFile, match="a line end in it was changed to a CR alone"):
        content(path, kind)


def test_marks_and_crs_that_were_added_several_times_are_put_right(tmp_path: Path) -> None:
    path, text = tmp_path / "given", KINDS[CHECKPOINT]
    path.write_bytes(BOM * 3 + text.replace(b"\n", b"\r\r\n"))
    assert content(path, CHECKPOINT) == text
    assert changes_of_form(path.read_bytes()) == [MARKED, CR_LF]
