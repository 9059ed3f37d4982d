"""`facecli log verify` on hostile files.

None leads to a traceback, a hang, much memory, an escape sequence on the terminal, or exit code 0.
"""

from __future__ import annotations

import json
import re
import tracemalloc
from typing import Any

import pytest

from facecli.audit.canonical import canonical
from facecli.audit.merkle import leaf_hash
from tests.audit.logs import line_of
from tests.conftest import Facecli, Run

LARGE = 6_000_000  # bytes: with MOST_MEMORY a little more than the 64 MiB that one read asks for
MOST_MEMORY = 13  # bytes for one of a file: under 1 GiB for the largest
NOTHING = {
    "after": 0,
    "consistency": [],
    "epochs": [],
    "frontier": [],
    "opening": None,
    "schema": "facecli.log-export/2",
}
ESCAPE = "\x1b]0;owned\x07\x1b[2J\u202e"


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> dict[Any, Any]:
    """A log with an erasure: its trust key, export, checkpoint and certificate, as bytes."""
    from facecli.cli.main import main

    folder = tmp_path_factory.mktemp("held")
    run = [
        "--no-input",
        "-q",
        "--db",
        f"{folder}/facecli.db",
        "--key-file",
        f"{folder}/facecli.key",
    ]
    names = {name: folder / name for name in ("key", "export", "checkpoint", "certificate")}
    for command in (
        ["init"],
        ["log", "checkpoint", "--trust-key", "--output", names["key"]],
        ["subject", "add", "C-1"],
        ["revoke", "C-1", "--yes", "--certificate", names["certificate"]],
        ["log", "export", "--checkpoint", names["checkpoint"], "--output", names["export"]],
    ):
        assert main([*run, *map(str, command)]) == 0
    return {name: path.read_bytes() for name, path in names.items()}


def _hostile_exports(good: Any) -> dict[Any, Any]:
    lines = good.splitlines(keepends=True)
    first, last = json.loads(lines[0]), json.loads(lines[-1])
    record = {name: value for name, value in first.items() if name not in ("leaf_hash", "schema")}

    def entry(change: Any) -> Any:
        """The first entry, changed and hashed anew."""
        return line_of({**record, **change})

    def raw(old: Any, new: Any) -> Any:
        return lines[0].replace(old, new)

    def trailer(**change: Any) -> Any:
        return canonical({**last, **change}) + b"\n"

    twice = canonical(record).replace(b'"outcome":"done"', b'"outcome":"done","outcome":"done"')
    forged = {
        "UTF-16": good.decode().encode("utf-16"),
        "garbage after the end": good + b"garbage",
        "zeros after the end": good + bytes(1000),
        "a name twice": raw(b'{"action"', b'{"action":"x","action"'),
        "a name twice, hashed": twice[:-1] + b',"leaf_hash":"' + leaf_hash(twice).hex().encode()
        + b'"}\n' + b"".join(lines[1:]),
        "not a number": raw(b'"uid":', b'"uid":NaN,"x":'),
        "infinite": raw(b'"seq":1', b'"seq":1e999'),
        "a huge number": raw(b'"seq":1', b'"seq":' + b"9" * 5000),
        "a negative number": raw(b'"seq":1', b'"seq":-1'),
        "half a surrogate": raw(b'"done"', b'"\\ud800"'),
        "no UTF-8": raw(b'"done"', b'"\xff\xfe"'),
        "escape sequences": entry({"action": ESCAPE, "outcome": ESCAPE}) + b"".join(lines[1:]),
        "deep": b"[" * 100_000 + b"\n" + good,
        "deep entry": raw(b'"details":{', b'"details":{"x":' + b"[" * 100_000),
        "deep end": b"".join(lines[:-1]) + canonical({**last, "after": 0})[:-1]
        + b',"x":' + b"[" * 100_000 + b"}\n",
        "a float": trailer().replace(b'"after":0', b'"after":0.0'),
        "true for 1": trailer().replace(b'"after":0', b'"after":false'),
        "a root too short": trailer(frontier=["AAAA"]),
        "too many roots": trailer(frontier=["A" * 43 + "="] * 100),
        "too many proofs": trailer(consistency=["A" * 43 + "="] * 1000),
        "an enormous size": canonical({**NOTHING, "after": 2**53 - 1, "until": 2**53 - 1,
                                       "seal": last["seal"]}) + b"\n",
        "a note that is none": trailer(seal=ESCAPE + "\n"),
        "nothing, sealed by nobody": canonical({**NOTHING, "until": 0, "seal": ""}) + b"\n",
        "many signatures": trailer(seal=last["seal"] + last["seal"].splitlines()[-1] * 1000),
    }  # fmt: skip
    return {name: data if data.count(b"\n") > 1 else b"".join([*lines[:-1], data])
            for name, data in forged.items()}  # fmt: skip


def _check(done: Any, name: Any) -> None:
    assert done.code in (1, 30, 31, 32), (name, done)
    assert done.out == ""
    assert "Traceback" not in done.err
    assert len(done.err) < 1000
    assert re.fullmatch(r"[\n -~\u2014]+", done.err), (name, done.err)


def _verify(facecli: Facecli, held: dict[Any, Any], *options: Any) -> Run:
    words = {name: facecli.folder / name for name in held}
    for name, path in words.items():
        if not path.exists():
            path.write_bytes(held[name])
    key = held["key"].decode().strip()
    return facecli.bare(
        "--no-input", "log", "verify", *(words.get(word, word) for word in options),
        "--trust-key", key,
    )  # fmt: skip


OPTIONS = {
    "export": ("--file", "export", "--checkpoint", "checkpoint"),
    "checkpoint": ("--file", "export", "--checkpoint", "checkpoint"),
    "certificate": ("--certificate", "certificate", "--file", "export"),
}


def test_what_is_attacked_is_whole(facecli: Facecli, held: dict[Any, Any]) -> None:
    for options in OPTIONS.values():
        assert _verify(facecli, held, *options).code == 0


def test_what_is_nested_deeply_in_an_entry_of_a_certificate_is_damaged(
    facecli: Facecli, held: dict[Any, Any]
) -> None:
    document = json.loads(held["certificate"])
    for depth in (100, 900, 2000):
        deep = json.dumps(document).replace(
            '"whole": true', '"whole": ' + "[" * depth + "]" * depth
        )
        (facecli.folder / "certificate").write_text(deep)
        _check(_verify(facecli, held, "--certificate", "certificate"), depth)


def test_hostile_exports(facecli: Facecli, held: dict[Any, Any]) -> None:
    for name, content in _hostile_exports(held["export"]).items():
        (facecli.folder / "export").write_bytes(content)
        _check(_verify(facecli, held, *OPTIONS["export"]), name)


def test_hostile_checkpoints(facecli: Facecli, held: dict[Any, Any]) -> None:
    good = held["checkpoint"]
    head, _, tail = good.partition(b"\n\n")
    origin, size, root = head.split(b"\n")
    signature = tail.split(b"\n")[0]
    cases = {
        "garbage after the end": good + b"garbage\n",
        "another size": good.replace(b"\n" + size + b"\n", b"\n" + b"9" * 17 + b"\n"),
        "a huge size": good.replace(b"\n" + size + b"\n", b"\n" + b"9" * 5000 + b"\n"),
        "another root": good.replace(root, b"A" * 43 + b"="),
        "escape sequences": ESCAPE.encode() + good,
        "escape sequences in a name": good.replace(b"\xe2\x80\x94 ", b"\xe2\x80\x94 " + b"\x1b[2J"),
        "no UTF-8": origin + b"\xff\n" + good.partition(b"\n")[2],
        "many signatures": head + b"\n\n" + (signature + b"\n") * 10_000,
        "many parts": good + b"\n" + b"\n\n".join([head, signature] * 10_000) + b"\n",
        "a long proof": good + b"\nconsistency 1\n" + (b"A" * 43 + b"=\n") * 100_000,
        "too large": good + b"x" * (1 << 26),
    }
    for name, content in cases.items():
        (facecli.folder / "checkpoint").write_bytes(content)
        _check(_verify(facecli, held, *OPTIONS["checkpoint"]), name)
        _check(
            _verify(facecli, held, "--certificate", "certificate", "--checkpoint", "checkpoint"),
            name,
        )


def test_hostile_certificates(facecli: Facecli, held: dict[Any, Any]) -> None:
    good = held["certificate"]
    document = json.loads(good)

    def changed(**change: Any) -> Any:
        return json.dumps({**document, **change}).encode()

    entry = document["entry"]
    cases = {
        "a name twice": good.replace(b'"whole": true', b'"whole": false, "whole": true'),
        "not a number": good.replace(b'"whole": true', b'"whole": NaN'),
        "infinite": good.replace(b'"whole": true', b'"whole": 1e999'),
        "a huge number": good.replace(b'"whole": true', b'"whole": ' + b"9" * 5000),
        "half a surrogate": good.replace(b'"whole": true', b'"whole": "\\ud800"'),
        "no UTF-8": good.replace(b'"whole": true', b'"whole": "\xff"'),
        "garbage after the end": good + b"garbage",
        "escape sequences": changed(subject_id=ESCAPE, entry={**entry, "subject_id": ESCAPE}),
        "an entry that is none": changed(entry=[]),
        "an entry of another act": changed(entry={**entry, "action": "init"}),
        "a proof that is none": changed(proof=7),
        "a proof of another index": changed(proof=document["proof"].replace("index ", "index 9")),
        "an endless proof": changed(
            proof=document["proof"].replace("\n\n", "\n" + ("A" * 43 + "=\n") * 100_000 + "\n", 1)
        ),
        **{f"deep, {depth}": good.replace(b'"whole": true', b'"whole": ' + b"[" * depth
                                          + b"]" * depth)
           for depth in (100, 300, 500, 800, 900, 950, 990, 2000, 200_000)},
    }  # fmt: skip
    for name, content in cases.items():
        for each in (content, b"[" + good + b"," + content + b"]"):
            (facecli.folder / "certificate").write_bytes(each)
            _check(_verify(facecli, held, *OPTIONS["certificate"]), name)


@pytest.mark.parametrize(
    ("kind", "start", "piece", "end"),
    [
        ("export", b"x", b"x", b""),
        ("export", b'{"action":"', b'x","leaf_hash":"', b"\n"),
        ("export", b'{"after":[', b"[],", b'[]],"schema":"facecli.log-export/2"}\n'),
        ("export", b'{"after":0,"consistency":[', b'"ab",', b'"ab"],"frontier":[]}\n'),
        ("checkpoint", b"x", "\n— a AAAAAAA=\n\n".encode(), b"\n"),
        ("certificate", b'{"schema":"facecli.erasure-certificate/2","x":[', b"[],", b"1]}"),
        ("certificate", b'{"schema":"facecli.erasure-certificate/2","x":"', b"x", b'"}'),
    ],
    ids=range(7),
)
def test_large_input_takes_little_memory(
    facecli: Facecli, held: dict[Any, Any], kind: str, start: bytes, piece: bytes, end: bytes
) -> None:
    """6 MB on one line. As Python's objects, they would take more memory than there is.

    A line is read up to 64 MiB, with as many times the memory.
    """
    content = start + piece * (LARGE // len(piece)) + end
    _verify(facecli, held, *OPTIONS[kind])
    (facecli.folder / kind).write_bytes(content)
    tracemalloc.start()
    done = _verify(facecli, held, *OPTIONS[kind])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    _check(done, kind)
    assert peak < MOST_MEMORY * len(content)


def test_a_device_without_an_end(facecli: Facecli, held: dict[Any, Any]) -> None:
    key = held["key"].decode().strip()
    (facecli.folder / "export").write_bytes(held["export"])
    for options in (
        ("--file", "/dev/zero"),
        ("--file", "/dev/urandom"),
        ("--file", facecli.folder / "export", "--checkpoint", "/dev/zero"),
        ("--certificate", "/dev/zero", "--checkpoint", "/dev/zero"),
    ):
        _check(facecli.bare("log", "verify", *options, "--trust-key", key), options)
