"""Presentation attack detection on recordings: APCER of each species, and BPCER.

The terms are those of ISO/IEC 30107-3. APCER is the share of attack presentations of one species
that are accepted, BPCER the share of bona fide presentations that are refused, for any reason. A
file that is no video counts in neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from facecli.errors.command_line import BadInput
from facecli.recognition.evaluation.intervals import wilson
from facecli.recognition.evaluation.results import Result, measured
from facecli.recognition.evaluation.sets import entries

PART = "presentations"
METHOD = "Wilson over recordings"


@dataclass(frozen=True)
class Recording:
    """A video file of one presentation. species: the kind of attack; None: bona fide."""

    path: Path
    species: str | None = None


@dataclass(frozen=True)
class Judged:
    """A recording and what became of it.

    refusals: the reason code for which each check refused it, by the check's name; None: accepted.
    failure: the reason code for which it could not be read, or None.
    """

    recording: Recording
    refusals: dict[str, str | None]
    failure: str | None = None


def recordings(attacks: Path, bona_fide: Path) -> list[Recording]:
    """Return the recordings of two folders, by name. Hidden files are left out.

    Args:
        attacks: a folder with one subfolder per species.
        bona_fide: a folder of recordings, in subfolders or not.

    Raises:
        BadInput: a folder cannot be read or has no recording, or an attack is of no species.
    """
    what = f"The folder {attacks}"
    species = entries(attacks, what)
    if not species:
        raise BadInput(what=what, why="it holds no folders; it needs one subfolder per species")
    for one in species:
        if not one.is_dir():
            why = "an attack belongs in the subfolder of its species"
            raise BadInput(what=f"The file {one}", why=why)
    of_attacks = [Recording(path, one.name) for one in species for path in _files(one)]
    return of_attacks + [Recording(path) for path in _of_the_living(bona_fide)]


def _of_the_living(folder: Path) -> Iterator[Path]:
    what = f"The folder {folder}"
    found = entries(folder, what)
    if not found:
        raise BadInput(what=what, why="it holds no recordings")
    for entry in found:
        if entry.is_dir():
            yield from _files(entry)
        else:
            yield entry


def _files(folder: Path) -> list[Path]:
    what = f"The folder {folder}"
    found = entries(folder, what)
    if not found:
        raise BadInput(what=what, why="it holds no recordings")
    inner = next((entry for entry in found if entry.is_dir()), None)
    if inner is not None:
        raise BadInput(what=f"The folder {inner}", why="it lies too deep; it needs recordings")
    return found


def rates(judged: Sequence[Judged], checks: Sequence[str]) -> Iterator[Result]:
    """Yield the share of unread files, then by each check APCER of each species, and BPCER."""
    failed = [one.failure for one in judged if one.failure is not None]
    yield measured(
        PART, "FTA", len(failed) / len(judged), wilson(len(failed), len(judged), METHOD),
        errors=len(failed), of=len(judged), note=_listed(failed),
    )  # fmt: skip
    species = sorted({one.recording.species for one in judged if one.recording.species is not None})
    for check in checks:
        for name in (*species, None):
            yield _rate([one for one in judged if one.recording.species == name], name, check)


def _rate(judged: Sequence[Judged], species: str | None, check: str) -> Result:
    """Return the APCER of one species, or BPCER."""
    measure = "BPCER" if species is None else "APCER"
    found = [one.refusals[check] for one in judged if one.failure is None]
    if not found:
        note = "not supported: no recording could be read"
        return Result(PART, measure, None, check, species, note=note)
    reasons = [reason for reason in found if reason is not None]
    errors = len(reasons) if species is None else len(found) - len(reasons)
    return measured(
        PART, measure, errors / len(found), wilson(errors, len(found), METHOD),
        at=check, cohort=species, errors=errors, of=len(found), note=_listed(reasons),
    )  # fmt: skip


def _listed(reasons: Sequence[str]) -> str | None:
    """Return `flat-face 2, screen-seen 1`, by name; None for no reason."""
    listed = ", ".join(f"{name} {count}" for name, count in sorted(Counter(reasons).items()))
    return listed or None
