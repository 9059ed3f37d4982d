"""The files in man/examples/log are fixed vectors: as they were made, and both verifiers agree."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests import independent_verifier
from tests.audit import example_log
from tests.audit.mutations import MUTATIONS

FILES = example_log.files()
KEY = FILES["trust.key"].decode()


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_as_it_was_made(name: str) -> None:
    assert (example_log.FOLDER / name).read_bytes() == FILES[name]


def test_there_is_no_other_file() -> None:
    assert {path.name for path in example_log.FOLDER.iterdir()} == set(FILES)


CASES = {
    "an export": ((["log-1.jsonl"], [], []), 0),
    "a chain": ((["log-2.jsonl", "log-1.jsonl"], ["seal-1", "seal"], []), 0),
    "an export with an early end": ((["log-until.jsonl"], ["seal"], []), 0),
    "documents": (([], [], ["certificate.json", "receipt.json"]), 0),
    "documents in the chain": (
        (["log-1.jsonl", "log-2.jsonl"], [], ["certificate.json", "receipt.json"]),
        0,
    ),
    "a document beyond the chain": ((["log-1.jsonl"], [], ["certificate.json"]), 32),
    "a checkpoint beyond the chain": ((["log-1.jsonl"], ["seal-cosigned"], []), 32),
    "no link": (([], ["seal-1"], ["certificate.json"]), 32),
}


@pytest.mark.parametrize("case", CASES)
def test_both_verifiers_agree(facecli: Any, case: str) -> None:
    (exports, kept, documents), code = CASES[case]
    folder = example_log.FOLDER
    words: list[object] = [folder / name for name in exports]
    for option, names in (("--checkpoint", kept), ("--certificate", documents[:1]),
                          ("--receipt", documents[1:])):  # fmt: skip
        for name in names:
            words += [option, folder / name]
    done = facecli.bare("log", "verify", *words, "--trust-key", KEY)
    assert done.code == code, done.err
    read = [[FILES[name] for name in names] for names in (exports, kept, documents)]
    assert independent_verifier.verify(read[0], KEY, read[1], read[2]) == code


def _mutated(data: bytes, dice: random.Random) -> bytes:
    """A document with one change: of a byte, a member, or a value."""
    at = dice.randrange(len(data))
    match dice.randrange(4):
        case 0:
            return data[:at] + dice.randbytes(1) + data[at + 1 :]
        case 1:
            return data[:at]
        case 2:
            return data.replace(dice.choice([b"1", b"2", b"a", b"true", b"null", b"="]), b"7", 1)
        case _:
            document = json.loads(data)
            where = dice.choice([document, document.get("entry", document)])
            name = dice.choice(sorted(where))
            where[name] = dice.choice([None, 7, "x", [], {}, [[]], {"a": 1}, True])
            return json.dumps(document, indent=2).encode()


@pytest.mark.parametrize("name", ["certificate.json", "receipt.json"])
def test_two_verifiers_agree_on_damaged_documents(facecli: Any, name: str) -> None:
    """Both refuse, or both accept. Which of two faults is named may differ: 1 and 30."""
    dice, path, codes = random.Random(5), facecli.folder / name, set()
    option = "--" + name.removesuffix(".json")
    for _ in range(max(60, MUTATIONS // 8)):
        data = _mutated(FILES[name], dice)
        path.write_bytes(data)
        done = facecli.bare("log", "verify", option, path, "--trust-key", KEY)
        other = independent_verifier.verify([], KEY, [], [data])
        assert "Traceback" not in done.err
        assert {done.code, other} <= {0} or {done.code, other} <= {1, 30, 31}, (data, done, other)
        codes.add(done.code)
    assert {1, 30} <= codes


def test_the_link_and_the_witness_fit(facecli: Any) -> None:
    folder: Path = example_log.FOLDER
    options = ("--link", folder / "link", "--checkpoint", folder / "seal-1")
    done = facecli.bare(
        *("log", "verify", "--certificate", folder / "certificate.json", *options),
        *("--witness", FILES["witness.vkey"].decode(), "--trust-key", KEY),
    )
    assert done.code == 32  # the witness's line is not on any of these
    done = facecli.bare(
        *("log", "verify", "--certificate", folder / "certificate.json", *options),
        *("--checkpoint", folder / "seal-cosigned"),
        *("--witness", FILES["witness.vkey"].decode(), "--trust-key", KEY),
    )
    assert (done.code, "Cosigned by the witnesses up to entry 7" in done.out) == (0, True), done.err
