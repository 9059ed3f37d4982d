"""The files in man/examples/log are fixed vectors: as they were made, and both verifiers agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import independent_verifier
from tests.audit import example_log

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


def test_both_verifiers_agree_on_the_files_of_another_log(facecli: Any) -> None:
    """None is of the trust key's log: 1, for the key may be wrong. Files of two logs: 30."""
    assert facecli("init").code == 0
    export, seal = facecli.folder / "log-other.jsonl", facecli.folder / "seal-other"
    assert facecli("log", "export", "--output", export).code == 0
    assert facecli("log", "checkpoint", "--output", seal).code == 0
    folder: Path = example_log.FOLDER
    for exports, kept, documents, code in [
        ([export], [], [], 1),
        ([export], [seal], [], 1),
        ([export], [folder / "seal"], [], 1),
        ([export], [], [folder / "certificate.json"], 1),
        ([export], [seal], [folder / "certificate.json"], 30),
        ([export, folder / "log-1.jsonl"], [], [], 30),
        ([folder / "log-1.jsonl"], [seal], [], 30),
        ([], [seal], [folder / "certificate.json"], 30),
    ]:
        words = [*exports, *(word for one in kept for word in ("--checkpoint", one)),
                 *(word for one in documents for word in ("--certificate", one))]  # fmt: skip
        done = facecli.bare("log", "verify", *words, "--trust-key", KEY)
        read = [[path.read_bytes() for path in paths] for paths in (exports, kept, documents)]
        other = independent_verifier.verify(read[0], KEY, read[1], read[2])
        assert (done.code, other) == (code, code), (words, done.err)


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
