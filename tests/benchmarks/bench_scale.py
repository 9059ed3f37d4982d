"""What each act costs as the number of people grows, 1e3 to 1e6, with a table and a plot.

    python -m tests.benchmarks.bench_scale --images DIR [PEOPLE ...] [--plot FILE] [--output FILE]

DIR holds small photographs, one folder a person. Templates are drawn around theirs (`likeness`);
everybody has a consent, and every tenth has withdrawn it (`crowd`). 10000000 people take some hours
and 15 GB. An act is measured in a process of its own, so that its start counts: by the clock, in
processor seconds, and in memory. Growth is taken from the last two sizes: 1 is as the number of
people grows, 0 not at all. The plot needs the extra `plot`.
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from facecli.cli.session import Session, Settings, session
from facecli.consent import purposes
from facecli.consent.agreements import Agreement, Shown
from facecli.recognition.engines import engine
from facecli.recognition.engines.of_database import engine_of
from facecli.recognition.enrolment.batch import enrol_all
from facecli.recognition.enrolment.enrolment import Enroller
from facecli.recognition.enrolment.requests import EnrolmentRequest
from facecli.recognition.matching import thresholds
from facecli.recognition.matching.gallery import load
from tests.benchmarks import likeness, measured
from tests.benchmarks.crowd import BATCH, SAMPLE_DATA, create, populate, stored_forms
from tests.benchmarks.figures import Figure, Table, document, write
from tests.benchmarks.likeness import Likeness
from tests.benchmarks.measured import Used, command
from tests.prepared import Prepared, seen

SIZES = (1_000, 10_000, 100_000, 1_000_000)
WITHDRAWN = 0.1
NEWCOMERS = 200
PROBES = 1000
AGAIN, STRANGERS = 2**62, 2**61  # seeds that no batch of people has
LINEAR = 1.1  # a tenth more than people: noise of two measurements
PROBE = SAMPLE_DATA / "probes" / "gate-1.jpg"
LIKENESS = "likeness.npz"
NEW = f"enrol {NEWCOMERS}, images analysed before"
MANY = f"{PROBES:,} probes"


@dataclass(frozen=True)
class Place:
    """A database of so many people, and the folder it lies in."""

    settings: Settings
    folder: Path
    people: int

    def run(self, *words: str) -> Used:
        """Run a command."""
        return command(self.settings, *words)

    def work(self, name: str) -> Used:
        """Do one of WORK in a process of its own."""
        where = (str(self.folder), str(self.people))
        return measured.module("tests.benchmarks.bench_scale", "--work", name, *where)


# -- the acts, in their order ----------------------------------------------------------------


def status(place: Place) -> Used:
    """Count what is held, and what is due."""
    return place.run("status")


def show(place: Place) -> Used:
    """Show one subject."""
    return place.run("subject", "show", "N-7")


def enrol_one(place: Place) -> Used:
    """Enrol one photograph: the image, everybody's consents and templates, the log."""
    form = str(SAMPLE_DATA / "consents" / "A-1001.txt")
    stated = ("--purpose", "gate", "--evidence", form, "--expires", "1y", "--allow-duplicate")
    return place.run("enroll", "file", "NEW-1", str(PROBE), *stated)


def enrol_many(place: Place) -> Used:
    """Enrol NEWCOMERS whose images were analysed before: a rate without the network."""
    return place.work("enrol")


def search_one(place: Place) -> Used:
    """Match one photograph in a cold process."""
    return place.run("match", str(PROBE), "--purpose", "gate")


def search_many(place: Place) -> Used:
    """Search PROBES in a cold process, half of them captures of enrolled people."""
    return place.work("search")


def verify(place: Place) -> Used:
    """Compare one photograph with one subject."""
    return place.run("verify", "NEW-1", str(PROBE), "--purpose", "gate")


def revoke(place: Place) -> Used:
    """Withdraw one subject's consent, and erase them."""
    return place.run("revoke", "N-7", "--yes")


def plan_purge(place: Place) -> Used:
    """Find who is due."""
    return place.run("purge", "--dry-run")


def purge(place: Place) -> Used:
    """Erase the tenth that has withdrawn."""
    return place.run("purge")


def export(place: Place) -> Used:
    """Export the log: an entry for each erasure."""
    return place.run("log", "export", "--output", str(place.folder / "log.jsonl"))


def check(place: Place) -> Used:
    """Check every page, and the log's hashes."""
    return place.run("doctor")


def back_up(place: Place) -> Used:
    """Copy the database."""
    return place.run("backup", "create", str(place.folder / "copy.db"))


ACTS: dict[str, Callable[[Place], Used]] = {
    "`status`": status,
    "`subject show`": show,
    "`enroll file`": enrol_one,
    NEW: enrol_many,
    "`match`, one photo": search_one,
    MANY: search_many,
    "`verify`": verify,
    "`revoke`, one subject": revoke,
    "`purge --dry-run`": plan_purge,
    "`purge`, a tenth": purge,
    "`log export`": export,
    "`doctor`": check,
    "`backup create`": back_up,
}


# -- work in a process of its own ------------------------------------------------------------


def enrol_newcomers(opened: Session, drawn: Likeness, _: int) -> dict[str, int]:
    """Enrol people, and return the number of each outcome."""
    spec = engine_of(opened.db)
    forms = stored_forms(spec, drawn.draw(NEWCOMERS, spec.dimension, STRANGERS + 1))
    images = {f"{number}.jpg": seen(f"{number}.jpg", form) for number, form in enumerate(forms)}
    enroller = Enroller(opened.db, spec, opened.act, lambda: opened.now)
    agreement = Agreement("1y", notice=Shown("declared"))
    requests = [
        EnrolmentRequest(f"NEW-{path}", "gate", path, agreement=agreement) for path in images
    ]
    found: dict[str, int] = {}
    for outcome in enrol_all(enroller, requests, Prepared(images)):
        named = outcome.reason or outcome.outcome
        found[named] = found.get(named, 0) + 1
    return found


def search_probes(opened: Session, drawn: Likeness, people: int) -> dict[str, float]:
    """Search captures of enrolled people and of strangers; return the shares that were found.

    Args:
        people: the number that `populate` was given.
    """
    spec, purpose = engine_of(opened.db), purposes.find(opened.db, "gate")
    gallery, _ = load(opened.db, purpose, spec, opened.now)
    batch = min(BATCH, people)
    again = drawn.captures(drawn.drawn(batch, 0), AGAIN)  # of those whom `populate` drew first
    known = [number for number in range(batch) if number % round(1 / WITHDRAWN)][: PROBES // 2]
    enrolled = stored_forms(spec, again)
    forms = [enrolled[number] for number in known]
    forms += stored_forms(spec, drawn.draw(PROBES - len(forms), spec.dimension, STRANGERS))
    limit = thresholds.for_search(spec, purpose, thresholds.Asked(), gallery.templates)
    found = [
        [one.subject_id for one in candidates]
        for candidates in gallery.search_all(forms, limit.distance, 1)
    ]
    right = sum(found[at] == [number + 1] for at, number in enumerate(known))
    strangers = found[len(known) :]
    return {
        "distance": limit.distance,
        "found": right / len(known),
        "strangers_found": sum(map(bool, strangers)) / len(strangers),
        "fpir": limit.fpir or 0.0,
    }


WORK: dict[str, Callable[[Session, Likeness, int], Any]] = {
    "enrol": enrol_newcomers,
    "search": search_probes,
}


def work(output: Path, name: str, folder: Path, people: int) -> None:
    """Do one of WORK, and write what it used."""
    began = time.perf_counter()
    drawn = likeness.load(folder.parent / LIKENESS)
    with session(_settings(folder), "benchmark") as opened:
        told = WORK[name](opened, drawn, people)
    measured.write(output, replace(measured.used_here(began), told=told))


def _settings(folder: Path) -> Settings:
    key = str(folder / "facecli.key")
    return Settings(folder / "facecli.db", {"key_file": key}, no_input=True, quiet=True)


# -- the whole -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """What was found with so many people: bytes of the file, and what each act used."""

    people: int
    file_bytes: int
    acts: dict[str, Used]


def main() -> None:
    """Measure, print, plot."""
    parser = argparse.ArgumentParser()
    parser.add_argument("people", nargs="*", type=int, default=SIZES)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        drawn = likeness.of_photographs(engine.DEFAULT, chosen.images)
        drawn.save(Path(folder) / LIKENESS)
        sizes = sorted(set(chosen.people))
        found = [_measure(Path(folder) / f"{people}", people, drawn) for people in sizes]
    figures = [*_figures(found), _drawn_as_stated(found[-1])]
    write(chosen.output, document(figures, _details(found), _table(found)))
    if chosen.plot:
        _plot(chosen.plot, found)


def _measure(folder: Path, people: int, drawn: Likeness) -> Measured:
    folder.mkdir(mode=0o700)
    place = Place(create(folder), folder, people)
    with session(place.settings, "benchmark") as opened:
        populate(opened, people, WITHDRAWN, drawn.draw)
    size = place.settings.db.stat().st_size
    acts = {}
    for name, act in ACTS.items():
        acts[name] = act(place)
        print(f"{people:,}: {name} {_cell(acts[name])}", file=sys.stderr, flush=True)
    shutil.rmtree(folder)
    return Measured(people, size, acts)


def _figures(found: Sequence[Measured]) -> Iterator[Figure]:
    """Yield the exponent b of seconds = a people^b between the last two sizes, of each act."""
    before, last = found[max(0, len(found) - 2)], found[-1]
    for name, used in last.acts.items():
        then = before.acts[name]
        exponent = _exponent(then.processor_seconds, used.processor_seconds, before, last)
        yield Figure(
            what=f"{name}, {last.people:,} people",
            measured=f"{used.processor_seconds:.2f} s of a processor",
            against=f"{then.processor_seconds:.2f} s with {before.people:,}",
            ratio=f"exponent {exponent:.2f}",
            aim=f"linear or better, {LINEAR:g} or less",
            reached=exponent <= LINEAR,
        )


def _exponent(first: float, second: float, before: Measured, last: Measured) -> float:
    if before is last:
        return math.nan
    return math.log(second / first) / math.log(last.people / before.people)


def _drawn_as_stated(last: Measured) -> Figure:
    """Return the false alarms among drawn people, beside the rate that the threshold states."""
    told = last.acts[MANY].told
    return Figure(
        what=f"searches for strangers that return somebody, {last.people:,} drawn people",
        measured=f"{told['strangers_found']:.1%}",
        against=f"the threshold {told['distance']:.3f} states {told['fpir']:.1%}",
        ratio=f"{told['found']:.0%} of enrolled people are found",
        aim="as stated, or fewer",
        reached=told["strangers_found"] <= 2 * told["fpir"],
    )


def _table(found: Sequence[Measured]) -> Table:
    """Return every measurement: a row for each act, a column for each number of people."""
    sizes = ["file, bytes a person", *(f"{one.file_bytes / one.people:,.0f}" for one in found)]
    rate = [
        f"people enrolled in a second, of {NEWCOMERS}",
        *(f"{NEWCOMERS / one.acts[NEW].seconds:,.0f}" for one in found),
    ]
    rows = [[name, *(_cell(one.acts[name]) for one in found)] for name in ACTS]
    return Table(["act", *(f"{one.people:,} people" for one in found)], [sizes, rate, *rows])


def _cell(used: Used) -> str:
    return f"{used.seconds:.2f} s, {used.processor_seconds:.2f} s CPU, {used.megabytes} MB"


def _details(found: Sequence[Measured]) -> dict[str, Any]:
    return {str(one.people): asdict(one) for one in found}


def _plot(path: Path, found: Sequence[Measured]) -> None:
    from matplotlib.figure import Figure as Drawing

    sizes = [one.people for one in found]
    figure = Drawing(figsize=(11, 6), layout="constrained")
    times, memory = figure.subplots(1, 2)
    for number, name in enumerate(ACTS):
        used = [one.acts[name] for one in found]
        marker = "os"[number // 10]  # there are ten colours
        label = name.replace("`", "")
        times.plot(sizes, [one.seconds for one in used], marker=marker, label=label)
        memory.plot(sizes, [one.megabytes for one in used], marker=marker)
    steepest = max(used.seconds for used in found[-1].acts.values())
    linear = [steepest * size / sizes[-1] for size in sizes]
    times.plot(sizes, linear, linestyle=":", color="0.5", label="linear")
    disk = [one.file_bytes / 2**20 for one in found]
    memory.plot(sizes, disk, linestyle="--", color="0.2", label="the database file; others: memory")
    times.set_ylabel("seconds, start included")
    memory.set_ylabel("MB of 2^20 bytes")
    for axes in (times, memory):
        axes.set(xscale="log", yscale="log", xlabel="people")
        axes.grid(visible=True, which="major", alpha=0.3)
    times.set_ylim(bottom=0.05)
    memory.legend(fontsize="small")
    figure.legend(
        *times.get_legend_handles_labels(), fontsize="small", ncols=5, loc="outside lower center"
    )
    figure.savefig(path)


if __name__ == "__main__":
    if "--work" in sys.argv:
        output, _, name, folder, people = sys.argv[1:]
        work(Path(output), name, Path(folder), int(people))
    else:
        main()
