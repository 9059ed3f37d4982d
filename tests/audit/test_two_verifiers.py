"""One change to one file of evidence: facecli and the verifier written from its page agree.

FACECLI_LOG_MUTATIONS says how many; `make test` takes 500, `make test-log-mutations` 20,000.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests import independent_verifier
from tests.audit import example_log
from tests.audit.file_changes import changed
from tests.audit.mutations import MUTATIONS

FILES = example_log.files()
KEY = FILES["trust.key"].decode()
OPTIONS = {
    "log": None, "sea": "--checkpoint", "cer": "--certificate", "rec": "--receipt",
}  # fmt: skip
CERTIFICATE, RECEIPT = "certificate.json", "receipt.json"
# Files that verify together.
WHOLE = [
    ["log-1.jsonl"],
    ["log-until.jsonl"],
    ["log-1.jsonl", "log-2.jsonl", "seal"],
    ["log-until.jsonl", "log-1.jsonl", "log-2.jsonl", "seal-1"],
    ["log-2.jsonl", "seal-cosigned"],
    ["log-1.jsonl", "log-2.jsonl", CERTIFICATE, RECEIPT],
    ["log-2.jsonl", "seal-1", CERTIFICATE],
    ["seal", CERTIFICATE],
    [CERTIFICATE],
    [RECEIPT],
]
# What no proof covers in a receipt: the last is the hash of the form.
UNCOVERED = (
    b'schema_version": "ISO/IEC TS 27560:2023',
    b"A-1001",
    sha256(b"the form").hexdigest().encode(),
)
CODES = {0, 1, 30, 31, 32}
STEP = 1 if MUTATIONS > 10_000 else 16  # of the bytes that are changed


class Verifiers:
    """Both, for files by name with their content."""

    def __init__(self, facecli: Any) -> None:
        self._facecli = facecli

    def both(self, files: Sequence[tuple[str, bytes]]) -> int:
        """Return the exit code that both give."""
        words: list[object] = ["log", "verify", "--trust-key", KEY]
        for name, data in files:
            path: Path = self._facecli.folder / name
            path.write_bytes(data)
            option = OPTIONS[name[:3]]
            words += [path] if option is None else [option, path]
        done = self._facecli.bare(*words)
        exports, kept, documents = (
            [data for name, data in files if name[:3] in kinds]
            for kinds in (("log",), ("sea",), ("cer", "rec"))
        )
        other = independent_verifier.verify(exports, KEY, kept, documents)
        assert "Traceback" not in done.err, done.err
        assert done.code in CODES
        assert done.code == other, (files, done.err)
        return int(done.code)


@pytest.fixture
def verifiers(facecli: Any) -> Verifiers:
    return Verifiers(facecli)


def test_files_that_are_whole_verify_together(verifiers: Verifiers) -> None:
    for names in WHOLE:
        assert verifiers.both([(name, FILES[name]) for name in names]) == 0


@pytest.mark.parametrize("seed", range(5))
def test_two_verifiers_agree_on_any_one_change(verifiers: Verifiers, seed: int) -> None:
    dice, codes = random.Random(seed), Counter[int]()
    for _ in range(MUTATIONS // 5):
        names = dice.choice(WHOLE)
        files = [(name, FILES[name]) for name in names]
        at = dice.randrange(len(files))
        # The second verifier takes a certificate or a receipt by the same option.
        others = [data for name, data in FILES.items() if name not in (CERTIFICATE, RECEIPT)]
        files[at] = (names[at], changed(FILES[names[at]], dice, others))
        codes[verifiers.both(files)] += 1
    assert {0, 1, 30} <= set(codes)


@pytest.mark.parametrize("name", ["log-1.jsonl", "seal", CERTIFICATE, RECEIPT])
def test_no_byte_can_change(verifiers: Verifiers, name: str) -> None:
    """Byte by byte: refused by both with the same code, and as cut only at the export's end."""
    data, dice = FILES[name], random.Random(name)
    around = ["log-1.jsonl", "log-2.jsonl"] if name == "seal" else []
    free = {
        place
        for text in UNCOVERED
        if (begin := data.find(text)) >= 0
        for place in range(begin, begin + len(text))
    }
    codes = Counter[int]()
    for at in sorted(set(range(dice.randrange(STEP), len(data), STEP)) - free):
        new = data[:at] + bytes([data[at] ^ 1 << dice.randrange(7)]) + data[at + 1 :]
        code = verifiers.both([*((each, FILES[each]) for each in around), (name, new)])
        assert code in (1, 30, 31), (at, data[at : at + 20], code)
        if code == 31:
            assert name == "log-1.jsonl"
            assert at >= data.rindex(b'\n{"after":')
        codes[code] += 1
    assert codes[30] > 20
