"""Benchmark of the log: appending, exporting and verifying, as ratios to plain Python.

    python -m tests.benchmarks.bench_log [ENTRIES ...] [--output FILE.json]

Without sizes 10000, 100000 and 1000000: a few minutes. Writes (or prints) one JSON document. The
log has a handover for every thousand entries. Over the same entries in the same run, an export in
jsonl is compared with `json.dumps` of the same dicts (aim: 1.1 times), the other formats too (2
times), and verifying an export with hashing them into the tree's root (2.5 times). A database is
decrypted by SQLCipher, and each page of it is checked: verifying it is compared with that and the
hashing (2 times). All of these are seconds of a processor, on one core, since other work on the
machine disturbs them least. Thirty nightly exports are compared with one (1.1 times, where a night
has some thousand entries: two signatures of each file are verified). The time that each command
takes on an empty log is left out. Peak memory is compared with that of a log a tenth as long.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any

from facecli.audit import sealing
from facecli.audit.canonical import canonical
from facecli.audit.entries import Act, recorded
from facecli.audit.exporting import FORMATS
from facecli.audit.merkle import Span, leaf_hash
from facecli.audit.stored_entries import rows
from facecli.cli.session import Settings, session
from facecli.store.integrity import check_pages, check_structure
from tests.benchmarks.figures import Figure, document, within

SIZES = [10_000, 100_000, 1_000_000]
PROBE = 2000  # entries to append one by one, and to time
BULK = 10_000
APPEND = 0.0002  # seconds, besides the commit
EPOCH, NIGHTS = 1000, 30  # entries in an epoch, and exports of the whole
CHECKPOINT = 0.005  # seconds of sealing, besides the commit
JSONL, OTHER, VERIFY, STORED, THIRTY = 1.1, 2.0, 2.5, 2.0, 1.1  # times as long
FEWEST = 100_000  # entries in thirty files that are compared with one
SHOW = 0.05  # seconds more to show the last entries than of an empty log
MORE_MEMORY = 1.25
TIMED = """
import re, sys, time
from facecli.cli.main import main
start = time.process_time()
assert main(sys.argv[1:]) == 0
seconds = time.process_time() - start
(peak,) = re.findall(r"VmHWM:\\s+([0-9]+) kB", open("/proc/self/status").read())
print(seconds, peak, file=sys.stderr)
"""


def main(sizes: list[int], output: Path | None) -> None:
    """Measure, and print or write."""
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    details: dict[Any, Any] = {}
    figures = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            details[size] = _measure(Path(folder), size)
        figures += _figures(size, details[size])
    figures += _memory(details)
    text = json.dumps(document(figures, details), indent=2) + "\n"
    if output is None:
        print(text, end="")
    else:
        output.write_text(text, encoding="utf-8")


def _measure(folder: Path, size: int) -> dict[str, Any]:
    """Seconds of each step, without those on an empty log, and its peak memory."""
    run = _facecli(folder)
    run("init")
    settings = Settings(folder / "db", {"key_file": str(folder / "key")}, no_input=True)
    out = str(folder / "out")
    key = run("log", "checkpoint", "--trust-key").strip()
    exports = {
        f"export {form}": ("log", "export", "--format", form, "--output", out)
        for form in reversed(FORMATS)  # jsonl last, which is verified then
    }
    steps = {
        "show": ("log", "show", "-n", "20", "--output", str(folder / "shown")),
        **exports,
        "verify": ("log", "verify"),
        "verify file": ("log", "verify", out, "--trust-key", key),
    }
    nights = [str(folder / f"night-{number}") for number in range(NIGHTS)]
    empty = {name: _apart(folder, 3, *arguments) for name, arguments in steps.items()}
    append, sealing_seconds = _fill(settings, size, run, nights)
    steps["verify thirty files"] = ("log", "verify", *nights, "--trust-key", key)
    empty["verify thirty files"] = empty["verify file"]
    times = min(5, 1 + 200_000 // size)
    full = {name: _apart(folder, times, *arguments) for name, arguments in steps.items()}
    dumping, hashing, reading = _bounds(settings)
    return {
        "append_seconds": append,
        "checkpoint_seconds": sealing_seconds,
        "json_dumps_seconds": dumping,
        "hashing_seconds": hashing,
        "sqlcipher_seconds": reading,
        "seconds": {name: max(full[name][0] - empty[name][0], 1e-6) for name in steps},
        "peak_mb": {name: peak for name, (_, peak) in full.items()},
    }


def _figures(size: int, found: dict[str, Any]) -> list[Figure]:
    log = f"a log of {size:,} entries"
    append, show = found["append_seconds"], found["seconds"]["show"]
    figures = [
        _limit(f"append an entry to {log}, besides the commit", append, APPEND),
        _limit(f"show the last 20 of {log}, besides those of an empty one", show, SHOW),
    ]
    figures.append(
        _limit(f"seal {log}, besides the commit", found["checkpoint_seconds"], CHECKPOINT)
    )
    dumping, hashing = found["json_dumps_seconds"], found["hashing_seconds"]
    for name, seconds in found["seconds"].items():
        if name.startswith("export"):
            aim = JSONL if name == "export jsonl" else OTHER
            against, bound = "json.dumps", dumping
        elif name == "verify":
            bound = hashing + found["sqlcipher_seconds"]
            against, aim = "hashing, and SQLCipher's reading and checks", STORED
        elif name == "verify file":
            against, bound, aim = "hashing", hashing, VERIFY
        elif name == "verify thirty files" and size >= FEWEST:
            against, bound, aim = "one file", found["seconds"]["verify file"], THIRTY
        else:
            continue
        figures.append(
            within(
                f"{name}, {log}", f"{size / seconds:,.0f} entries/s",
                f"{against}: {size / bound:,.0f} entries/s", seconds / bound, aim,
            )
        )  # fmt: skip
    return figures


def _limit(what: str, seconds: float, most: float) -> Figure:
    return within(
        what, f"{seconds * 1000:.3g} ms", f"the limit: {most * 1000:g} ms", seconds / most, 1
    )


def _memory(details: dict[int, dict[str, Any]]) -> list[Figure]:
    """Peak memory with the longest log against the next one."""
    if len(details) < 2:
        return []
    short, long = sorted(details)[-2:]
    few, many = details[short]["peak_mb"], details[long]["peak_mb"]
    return [
        within(
            f"memory of {name}, a log of {long:,} entries", f"{many[name]:.0f} MB",
            f"one of {short:,}: {few[name]:.0f} MB", many[name] / few[name], MORE_MEMORY,
        )
        for name in many
    ]  # fmt: skip


def _fill(
    settings: Settings, size: int, run: Callable[..., str], nights: list[str]
) -> tuple[float, float]:
    """Append entries, a second apart, and export each night's.

    Returns:
        The seconds that appending one of the last ones took, and those of a checkpoint.
    """
    probe = min(PROBE, size // 2)
    for number, night in enumerate(nights, 1):
        with session(settings, "benchmark") as opened, opened.act() as act:
            until = (size - probe) * number // len(nights)
            while (have := recorded(act.db).size) < until:
                sealing.begin_epoch(act)
                _in_bulk(act, min(until, have + EPOCH))
        run("log", "export", "--cursor-file", f"{nights[0]}.at", "--output", night)
    with session(settings, "benchmark") as opened, opened.act() as act:
        start = time.perf_counter()
        for number in range(recorded(act.db).size + 1, size + 1):
            act.record(**_content(number))
        appending = (time.perf_counter() - start) / probe
        start = time.perf_counter()
        sealing.checkpoint(act)
        return appending, time.perf_counter() - start


def _content(number: int) -> dict[str, Any]:
    """The content of one entry of a usual log: mostly matches, and consents with their hashes."""
    if number % 4:
        return {
            "action": "match",
            "outcome": "done",
            "subject_id": None,
            "purpose": "gate",
            "details": {
                "engine": "sface-622bcafea1ef", "threshold": "0.612340", "fmr": "0.0001",
                "calibration": "engine", "images": 1, "faces": number % 9, "matches": number % 2,
                "ambiguous": 0, "event_id": _id("event", number), "case": None,
                "started": "2026-11-23T21:00:05Z", "ended": "2026-11-23T21:00:06Z",
                "database": _id("database", 0), "references": 18_000 + number % 1000,
            },
        }  # fmt: skip
    return {
        "action": "consent.record",
        "outcome": "done",
        "subject_id": _id("subject", number),
        "purpose": "gate",
        "details": {
            "record_sha256": sha256(b"record %d" % number).hexdigest(),
            "version": 1,
            "expires_at": "2027-11-23T16:00:00Z",
            "notice_sha256": sha256(b"notice").hexdigest(),
            "notice": "screen",
            "evidence": "kept",
        },
    }


def _id(kind: str, number: int) -> str:
    return sha256(f"{kind} {number}".encode()).hexdigest()[:32]


def _in_bulk(act: Act, until: int) -> None:
    """Write what `record` would have written for each entry, many rows at a time."""
    frontier, db = recorded(act.db), act.db
    at, who = act.at - timedelta(seconds=until), act.actor.members

    def records() -> Iterator[tuple[int, bytes]]:
        for number in range(frontier.size + 1, until + 1):
            moment = (at + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
            entry = {"seq": number, "at": moment, "actor": who, **_content(number)}
            yield number, canonical(entry)

    source = records()
    while some := list(islice(source, BULK)):
        made = [(number, text.decode(), leaf_hash(text)) for number, text in some]
        db.many("INSERT INTO audit_entry (seq, record, leaf_hash) VALUES (?, ?, ?)", made)
        for *_, leaf in made:
            frontier = frontier.append(leaf)
            for node in frontier.completed:
                db.insert("audit_node", level=node.level, place=node.place, hash=node.hash)
    db.execute(
        "UPDATE audit_frontier SET size = ?, frontier = ?", (frontier.size, frontier.to_bytes())
    )


def _bounds(settings: Settings) -> tuple[float, float, float]:
    """Processor seconds for `json.dumps` over the same entries as dicts, for hashing them, and for
    what SQLCipher does: reading them, and checking every page and how pages fit each other."""
    with session(settings, "benchmark") as opened:
        start = time.process_time()
        for _ in rows(opened.db, 0, recorded(opened.db).size):
            pass
        check_pages(opened.db)
        check_structure(opened.db)
        reading = time.process_time() - start
        dumping, hashing, span = 0.0, 0.0, Span()
        entries = chain.from_iterable(rows(opened.db, 0, recorded(opened.db).size))
        while some := [text for _, text, _ in islice(entries, BULK)]:
            dicts = [json.loads(text) for text in some]
            start = time.process_time()
            for entry in dicts:
                json.dumps(entry)
            middle = time.process_time()
            span.extend(map(leaf_hash, some))
            dumping += middle - start
            hashing += time.process_time() - middle
    return dumping, hashing, reading


def _facecli(folder: Path) -> Callable[..., str]:
    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "facecli", *_options(folder), *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    return run


def _apart(folder: Path, times: int, *arguments: str) -> tuple[float, float]:
    """The least processor seconds, without starting Python, and peak memory (MB) of a command that
    is run some times in a process of its own."""
    command = [sys.executable, "-c", TIMED, *_options(folder), *arguments]
    found = []
    for _ in range(times):
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds, kilobytes = done.stderr.split()
        found.append((float(seconds), int(kilobytes) / 1024))
    return min(found)[0], max(peak for _, peak in found)


def _options(folder: Path) -> list[str]:
    return ["--no-input", "-q", "--db", f"{folder}/db", "--key-file", f"{folder}/key"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Benchmark of the log")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="ENTRIES")
    parser.add_argument("--output", type=Path, metavar="FILE.json")
    given = parser.parse_args()
    main(given.sizes, given.output)
