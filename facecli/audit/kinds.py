"""What a file is that somebody gave to a verifier, so that a wrong one is told from an altered one.

Whatever was altered in an export, it must be called altered. So a file is of the kind that was
asked for as soon as anything near its beginning looks like it.
"""

from __future__ import annotations

import re

HEAD = 1 << 16  # bytes that are looked at
EXPORT, CHECKPOINT, CERTIFICATE = "export", "checkpoint", "certificate"
UNKNOWN = "unknown"
PATTERNS = {
    "empty": re.compile(rb"\Z"),
    "compressed": re.compile(rb"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|PK\x03\x04"),
    "csv": re.compile(rb"seq,at,actor_uid,"),
    "cef": re.compile(rb"CEF:0\|facecli\|"),
    "syslog": re.compile(rb"<\d{1,3}>1 \S+ \S+ facecli "),
    "ocsf": re.compile(rb'\{"category_uid":3,'),
}
MARKS = {
    CERTIFICATE: (b"facecli.erasure-certificate/",),
    "cursor": (b"facecli.log-cursor/",),
    EXPORT: (b'{"action":"', b'"schema":"facecli.log-', b'"leaf_hash":"', b'"consistency":['),
    CHECKPOINT: ("\n— ".encode(),),  # how the signatures of a note begin
}
WRONG = {
    "empty": "it is empty",
    "compressed": "it is compressed; unpack it first",
    **{form: f"it is an export in the format {form}, and only jsonl can be verified"
       for form in ("csv", "cef", "syslog", "ocsf")},
    "cursor": "it is the cursor of an export, not what was exported",
    EXPORT: "it is an export, which goes with --file",
    CHECKPOINT: "it is a checkpoint, which goes with --checkpoint or --against",
    CERTIFICATE: "it is a certificate of erasure, which goes with --certificate",
}  # fmt: skip


def kind_of(head: bytes) -> str:
    """What a file that begins with `head` is: a name of `PATTERNS` or `MARKS`, or `UNKNOWN`."""
    for kind, pattern in PATTERNS.items():
        if pattern.match(head):
            return kind
    for kind, marks in MARKS.items():
        if any(mark in head for mark in marks):
            return kind
    return UNKNOWN


def why_not(wanted: str, head: bytes) -> str | None:
    """Why a file that begins with `head` is not of the kind `wanted`; None if it may be."""
    found = kind_of(head)
    if found == UNKNOWN and wanted != CERTIFICATE:  # whose JSON says more about what is wrong
        return f"it is no {wanted} that facecli wrote"
    return None if found == wanted else WRONG.get(found)
