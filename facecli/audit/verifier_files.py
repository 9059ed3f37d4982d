"""The files given to a verifier: read within limits, and refused by name if of another kind.

An altered export must be reported as altered, so a file counts as the kind that was asked for
as soon as anything near its beginning looks like it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from facecli.errors.audit import WrongFile
from facecli.errors.command_line import BadInput

HEAD = 1 << 16  # bytes that are looked at
LONGEST_LINE = 1 << 26  # bytes
BOM = b"\xef\xbb\xbf"
BOMS = re.compile(b"(?:%b)*" % BOM)
CRS_LF = re.compile(rb"\r+\n")
BARE_CR = re.compile(rb"\r+(?![\r\n]|\Z)")  # a line end of its own
EXPORT, CHECKPOINT, LINK = "export", "checkpoint", "link"
CERTIFICATE, RECEIPT = "certificate", "receipt"
UNKNOWN = "unknown"
# The changes of form that say nothing of the content.
MARKED = "a byte-order mark was added"
CR_LF = "line ends were changed to CR LF"
BLANK = "blank lines were added"
NO_NEWLINE = "the last newline was removed"
PATTERNS = {
    "empty": re.compile(rb"[\r\n]*\Z"),
    "compressed": re.compile(rb"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|PK\x03\x04"),
    "utf-32": re.compile(rb"\xff\xfe\0\0|\0\0\xfe\xff|[\x20-\x7e]\0\0\0|\0\0\0[\x20-\x7e]"),
    "utf-16": re.compile(rb"\xff\xfe|\xfe\xff|[\x20-\x7e]\x00[\x20-\x7e]\x00|\x00[\x20-\x7e]\x00"),
    "csv": re.compile(rb'"?seq"?[,;\t]"?at"?[,;\t]"?actor_uid'),
    "cef": re.compile(rb"CEF:0\|facecli\|"),
    "syslog": re.compile(rb"<\d{1,3}>1 \S+ \S+ facecli "),
    "ocsf": re.compile(rb'\{"category_uid":3,'),
    LINK: re.compile(rb"old [0-9]+[\r\n]"),
}
# A line of an export, which no other kind holds, whatever words of theirs an altered one holds.
LINE_MARKS = (b'"schema":"facecli.log-entry/', b'"schema":"facecli.log-export/')
MARKS = {
    CERTIFICATE: (b"facecli.erasure-certificate/",),
    RECEIPT: (b"facecli.consent-receipt/",),
    "cursor": (b"facecli.log-cursor/",),
    EXPORT: (b'{"action":"', b'"schema":"facecli.log-', b'"leaf_hash":"', b'"consistency":['),
    CHECKPOINT: ("\n— ".encode(), "\r— ".encode()),  # how the signatures of a note begin
}
WRONG = {
    "empty": "it is empty",
    "compressed": "it is compressed; unpack it first",
    **{form: f"it was saved as {form.upper()}; get it as it was written, or save it as UTF-8"
       for form in ("utf-16", "utf-32")},
    **{form: f"it is an export in the format {form}, and only jsonl can be verified"
       for form in ("csv", "cef", "syslog", "ocsf")},
    "cursor": "it is the cursor of an export, not what was exported",
    EXPORT: "it is an export, which `log verify` takes as FILE",
    CHECKPOINT: "it is a checkpoint, which `log verify` takes with --checkpoint or --against",
    LINK: "it is a link between two checkpoints, which `log verify` takes with --link",
    CERTIFICATE: "it is a certificate of erasure, which `log verify` takes with --certificate",
    RECEIPT: "it is a receipt of consent, which `log verify` takes with --receipt",
}  # fmt: skip
MAKERS = {
    EXPORT: "facecli log export",
    CHECKPOINT: "facecli log checkpoint",
    LINK: "facecli log checkpoint --since",
    CERTIFICATE: "facecli revoke --certificate",
    RECEIPT: "facecli consent receipt --format json",
}
LINES = (EXPORT, CHECKPOINT, LINK)  # the others are JSON, to which a CR is white space
# A checkpoint of an earlier facecli: further parts after the note, or one signature of 64 bytes.
CHECKPOINT_BEFORE = re.compile(
    rb"facecli\.log/[0-9a-f]+\n[0-9]+\n\S+\n\n"
    rb"\xe2\x80\x94 facecli\.log/[0-9a-f]+ [A-Za-z0-9+/]{91}=\n"
    rb"(?:\Z|\nconsistency |\nfacecli\.log/[0-9a-f]+/epoch\n)"
)
# Between two values is a comma; a certificate has one in 40 bytes or more. Other JSON might take
# twenty times as much memory as its text.
MOST_VALUES, BYTES_A_VALUE = 1000, 20
DOUBLE = "a name stands twice in one of its objects"


def content(path: Path, wanted: str, changed: dict[str, list[str]] | None = None) -> bytes:
    """Return all of a file with plain newlines, without a byte-order mark and blank last lines.

    Args:
        path: the file.
        wanted: the kind that it must be: CHECKPOINT, LINK, CERTIFICATE or RECEIPT.
        changed: takes the changes of form that were put right, in words, under the file's name.

    Raises:
        WrongFile: it is of another kind, or was written by an earlier facecli.
        BadInput: it is too large, or cannot be read.
    """
    with unusable(path), path.open("rb") as stream:
        read = stream.read(LONGEST_LINE + 1)
    if len(read) > LONGEST_LINE:
        raise BadInput(what=str(path), why="it is larger than 64 MiB")
    text = put_right(str(path), wanted, read)
    if changed is not None and (changes := changes_of_form(read)):
        changed[str(path)] = changes
    return text


def put_right(name: str, wanted: str, read: bytes) -> bytes:
    """Return the content of a file with its form put right. See `content`."""
    check_kind(name, wanted, read[:HEAD])
    text = CRS_LF.sub(b"\n", BOMS.sub(b"", read, count=1)).rstrip(b"\r\n") + b"\n"
    if wanted == CHECKPOINT and CHECKPOINT_BEFORE.match(text):
        raise of_before(name, CHECKPOINT)
    return text


def changes_of_form(read: bytes) -> list[str]:
    """Return the changes of form in a short file, in words."""
    ending = read[len(read.rstrip(b"\r\n")) :]
    found = {
        MARKED: read.startswith(BOM),
        CR_LF: b"\r\n" in read,
        BLANK: ending.count(b"\n") > 1,
        NO_NEWLINE: not ending,
    }
    return [change for change, made in found.items() if made]


def documents(path: Path, wanted: str, changed: dict[str, list[str]] | None = None) -> list[object]:
    """Read the JSON of a certificate, of a list of them, or of a receipt.

    Raises:
        WrongFile: it is of another kind.
        BadInput: it is not JSON, or JSON that no facecli wrote.
    """
    text = content(path, wanted, changed)
    if text.count(b",") > MOST_VALUES + len(text) // BYTES_A_VALUE:
        raise BadInput(what=str(path), why=f"it holds more values than a {wanted}")
    try:
        document = json.loads(text, object_pairs_hook=_without_doubles)
    except RecursionError:
        raise BadInput(what=str(path), why="it is nested too deeply") from None
    except ValueError as error:
        why = str(error) if str(error) == DOUBLE else "it is not JSON"
        raise BadInput(what=str(path), why=why) from None
    found = document if isinstance(document, list) else [document]
    if not found:
        raise BadInput(what=str(path), why="the list is empty")
    return found


def check_kind(name: str, wanted: str, head: bytes) -> None:
    """Check that a file that begins with `head` may be of the kind `wanted`.

    Raises:
        WrongFile: it is of another kind.
    """
    why = why_not(wanted, head)
    if why is not None:
        raise WrongFile(what=name, why=why, wanted=wanted, maker=MAKERS[wanted])
    if wanted in LINES and b"\r" in head and BARE_CR.search(head):
        raise bare_cr(name, wanted)


def bare_cr(name: str, kind: str) -> WrongFile:
    """Return the error for a file in which a line ends with a CR alone."""
    return WrongFile(
        what=name,
        why="a line end in it was changed to a CR alone; get it as it was written",
        wanted=kind,
        maker=MAKERS[kind],
    )


def of_before(name: str, kind: str) -> WrongFile:
    """Return the error for a file of an earlier facecli."""
    return WrongFile(
        what=name,
        why=f"an earlier facecli wrote this {kind}, whose logs this one does not read",
        wanted=kind,
        maker=MAKERS[kind],
    )


@contextmanager
def unusable(path: Path) -> Iterator[None]:
    """Turn an error of the operating system into a BadInput that names `path`."""
    try:
        yield
    except OSError as error:
        raise BadInput(what=str(path), why=(error.strerror or "unreadable").lower()) from None


def kind_of(head: bytes) -> str:
    """Return the kind of a file that begins with `head`.

    Returns:
        A name of `PATTERNS` or `MARKS`, or `UNKNOWN`.
    """
    head = BOMS.sub(b"", head, count=1)
    for kind, pattern in PATTERNS.items():
        if pattern.match(head):
            return kind
    for kind, marks in ((EXPORT, LINE_MARKS), *MARKS.items()):
        if any(mark in head for mark in marks):
            return kind
    return UNKNOWN


def why_not(wanted: str, head: bytes) -> str | None:
    """Return the reason why a file cannot be of the kind `wanted`, or None if it may be."""
    found = kind_of(head)
    if found == UNKNOWN and wanted not in (CERTIFICATE, RECEIPT):  # their JSON shows more
        return f"it is no {wanted} that facecli wrote"
    return None if found == wanted else WRONG.get(found)


def _without_doubles(members: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object in which no name stands twice: readers would differ on the value."""
    found = dict(members)
    if len(found) < len(members):
        raise ValueError(DOUBLE)
    return found
