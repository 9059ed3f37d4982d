"""What a search costs as the gallery grows: 1,000 probes at once, and one in a cold process.

    python -m tests.benchmarks.bench_search --sizes 1000,100000,1000000 --output FILE.json

Bounds in the same run: the matrix products alone (numpy), `faiss.IndexFlatL2` in one thread where
faiss is installed (`pip install faiss-cpu`; it is no part of facecli), and for the cold process two
others: one reads the same shards and does nothing with them, one every page of the file. Processor
seconds (user and system, all threads) are what to compare on a machine that does other things as
well; best of several, taken in turns. Templates are random, on a sphere; half of the probes lie
near a reference.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from facecli.cli.session import Settings, session
from facecli.consent import purposes
from facecli.recognition.engines import engine, scoring
from facecli.recognition.engines.engine import EngineSpec
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.matching import comparison, int8_prefilter
from facecli.recognition.matching.gallery import Gallery, load
from facecli.recognition.matching.references import References
from facecli.store import shards
from facecli.store.database import Database
from tests.benchmarks.crowd import BATCH, create, populate, random_vectors, stored_forms
from tests.benchmarks.figures import Figure, at_least, document, within, write
from tests.benchmarks.measured import used_here

DIMENSION = 128
PROBES = 1000
NEAR = 0.9  # how far a mated probe lies from its reference
RATE = 1e-6  # the false-match rate of the threshold, as for 1 % FPIR among 10,000
ROUNDS = 5
COLD_ROUNDS = 3
TIMES_FAISS = 1.8  # and with VNNI, which multiplies whole numbers twice as fast
WITH_VNNI = 2.0
OF_THE_FILE = 0.8  # of reading it
MEMORY = 100  # MB of the whole process that searches a million templates for one probe


def some_probes(references: np.ndarray) -> np.ndarray:
    """(PROBES, DIMENSION), every other one near a reference."""
    probes = random_vectors(PROBES, DIMENSION, 1)
    chosen = np.random.default_rng(2).integers(0, len(references), PROBES // 2)
    near = references[chosen] + NEAR * random_vectors(PROBES // 2, DIMENSION, 3)
    probes[::2] = near / np.linalg.norm(near, axis=1, keepdims=True)
    return probes


def stored_blocks(spec: EngineSpec, vectors: np.ndarray) -> list[References]:
    """These vectors in the engine's stored form, as many together as a shard has."""
    blocks = []
    for start in range(0, len(vectors), BATCH):
        content = b"".join(stored_forms(spec, vectors[start : start + BATCH]))
        forms = scoring.unpacked(spec.scoring, DIMENSION, content)
        blocks.append(References(spec.scoring, forms, np.arange(start, start + len(forms))))
    return blocks


def in_memory(size: int) -> dict[str, Any]:
    """Seconds of each way to search, and whether all give the same answers."""
    references = random_vectors(size, DIMENSION, size)
    probes = some_probes(references)
    one, other = random_vectors(2000, DIMENSION, 4), random_vectors(500, DIMENSION, 5)
    sample = np.linalg.norm(one[:, None] - other, axis=2)
    threshold = float(np.quantile(sample, RATE * 10) - 0.02)
    answers: dict[str, list[int | None]] = {}

    spec = engine.spec(engine.DEFAULT)
    packed, blocks = stored_forms(spec, probes), stored_blocks(spec, references)

    gallery = Gallery(spec.scoring, DIMENSION, blocks)

    def search() -> None:
        found = gallery.search_all(packed, threshold, 1)
        answers["search"] = [one[0].subject_id if one else None for one in found]

    def products() -> None:
        step = comparison.CELLS // PROBES
        for at in range(0, size, step):
            probes @ references[at : at + step].T

    ways: dict[str, Callable[[], None]] = {"search": search, "products": products}
    if importlib.util.find_spec("faiss") is not None:
        import faiss

        index = faiss.IndexFlatL2(DIMENSION)
        index.add(references)
        faiss.omp_set_num_threads(1)  # its second thread would only add processor time

        def theirs() -> None:
            squared, rows = index.search(probes, 1)
            near = np.sqrt(np.maximum(squared[:, 0], 0)) <= threshold
            answers["faiss"] = [
                int(row) if hit else None for row, hit in zip(rows[:, 0], near, strict=True)
            ]

        ways["faiss"] = theirs
    found: dict[str, Any] = {"references": size, "threshold": round(threshold, 3)}
    best = dict.fromkeys(ways, (9000000000.0, 9000000000.0))
    for _ in range(rounds(size)):
        for name, way in ways.items():
            wall, processor = time.perf_counter(), time.process_time()
            way()
            taken = (time.process_time() - processor, time.perf_counter() - wall)
            best[name] = min(best[name], taken)
    found["ways"] = {
        name: {"processor_seconds": round(processor, 4), "seconds": round(wall, 4)}
        for name, (processor, wall) in best.items()
    }
    found["found"] = sum(one is not None for one in answers["search"])
    if "faiss" in answers:
        pairs = zip(answers["faiss"], answers["search"], strict=True)
        found["other_than_faiss"] = sum(one != another for one, another in pairs)
    return found


def rounds(size: int) -> int:
    """Return how often a gallery of that size is searched: until its prefilter has started too."""
    return max(ROUNDS, 2 * int8_prefilter.LEAST_CELLS // (PROBES * size))


def cold(size: int, folder: Path) -> dict[str, Any]:
    """Processor seconds and peak memory of one probe in a process of its own, and its bound."""
    settings = create(folder)
    with session(settings, "benchmark") as opened:
        populate(opened, size)
    found: dict[str, Any] = {}
    for _ in range(COLD_ROUNDS):
        for how in ("read", "read-all", "search"):
            made = json.loads(_child(how, settings))
            before = found.get(how)
            if before is None or made["processor_seconds"] < before["processor_seconds"]:
                found[how] = made
    return found


def _child(how: str, settings: Settings) -> str:
    key = str(settings.key_options["key_file"])
    command = [sys.executable, "-m", "tests.benchmarks.bench_search", "--child", how]
    done = subprocess.run(
        [*command, str(settings.db), key], check=True, capture_output=True, text=True
    )
    return done.stdout


def read_the_rest(db: Database) -> None:
    """Read every page of every table and index, but those of the shards."""
    for (table,) in db.tuples("SELECT name FROM sqlite_schema WHERE type = 'table'"):
        if table != "shard_vectors":
            db.value(f"SELECT count(*) FROM {table} NOT INDEXED")
        whole = "SELECT name FROM pragma_index_list(?) WHERE NOT partial AND origin <> 'pk'"
        for (index,) in db.tuples(whole, (table,)):
            db.value(f"SELECT count(*) FROM {table} INDEXED BY {index}")
    db.value("SELECT count(*) FROM consent INDEXED BY consent_standing WHERE withdrawn_at IS NULL")


def child(how: str, db: str, key: str) -> None:
    """Read the shards, or load the gallery and search it; print what it cost."""
    started = time.perf_counter()
    settings = Settings(Path(db), {"key_file": key}, no_input=True, quiet=True)
    with session(settings, "benchmark") as opened:
        spec, purpose = engine_of(opened.db), purposes.find(opened.db, "gate")
        if how.startswith("read"):
            for shard in shards.of_gallery(opened.db, purpose.purpose_id, spec.engine_id):
                shards.read(opened.db, shard)
            if how == "read-all":
                read_the_rest(opened.db)
        else:
            gallery, _ = load(opened.db, purpose, spec, opened.now)
            [probe] = stored_forms(spec, np.full((1, DIMENSION), DIMENSION**-0.5))
            gallery.search(probe, 1.03, 1)
    used = used_here(started)
    print(
        json.dumps(
            {
                "processor_seconds": round(used.processor_seconds, 3),
                "seconds": round(used.seconds, 3),
                "peak_mb": used.megabytes,
            }
        )
    )


def main() -> None:
    """Measure, print, and write to a file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="1000,100000,1000000")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--child", nargs=3)
    asked = parser.parse_args()
    if asked.child:
        child(*asked.child)
        return
    if importlib.util.find_spec("faiss") is None:
        print("faiss-cpu is not installed: left out of the comparison", file=sys.stderr)
    results = []
    for size in map(int, asked.sizes.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            results.append({**in_memory(size), "cold": cold(size, Path(folder))})
            print(json.dumps(results[-1]), file=sys.stderr, flush=True)
    figures = [figure for result in results for figure in _figures(result)]
    write(asked.output, document(figures, {"probes": PROBES, "results": results}))


def times_faiss(references: int) -> float:
    """Return how many times faster than faiss a search of that many should be, on this machine."""
    if references < 10_000:
        return 1.0
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    return WITH_VNNI if {"avx512_vnni", "avx_vnni"} & {*flags} else TIMES_FAISS


def _figures(result: dict[str, Any]) -> Iterator[Figure]:
    size = f"{result['references']:,} references"
    seconds = {name: one["processor_seconds"] for name, one in result["ways"].items()}
    found = f"{seconds['search']:.3g} s"
    if "faiss" in seconds:
        same = f"{result['other_than_faiss']} of {PROBES:,} answers differ"
        yield at_least(
            f"{PROBES:,} probes, {size}", found,
            f"`faiss.IndexFlatL2`: {seconds['faiss']:.3g} s, {same}",
            seconds["faiss"] / seconds["search"], times_faiss(result["references"]),
        )  # fmt: skip
    cold = {name: one["processor_seconds"] for name, one in result["cold"].items()}
    if result["references"] >= 1_000_000:  # fewer weigh less than Python and numpy do
        yield within(
            f"one probe, cold, all consents checked, {size}",
            f"{cold['search']:.3g} s, {result['cold']['search']['seconds']:.3g} s by the clock",
            f"reading the file: {cold['read-all']:.3g} s, its templates: {cold['read']:.3g} s",
            cold["search"] / cold["read-all"], OF_THE_FILE,
        )  # fmt: skip
        peak = result["cold"]["search"]["peak_mb"]
        yield within(
            f"memory for it, the whole process, {size}", f"{peak} MB",
            f"{MEMORY} MB", peak / MEMORY, 1,
        )  # fmt: skip


if __name__ == "__main__":
    main()
