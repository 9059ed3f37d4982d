"""What decoding makes of each file, and a table of the outcomes by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from facecli.capture.image_kinds import LENGTH, image_kind, unread_kind
from facecli.capture.images import read_image
from facecli.capture.warm_up import warm_up_decoders
from facecli.errors.capture import CaptureFailed
from facecli.workers.answers import Failure
from facecli.workers.local import Pool

READ = "read"


class Outcome(NamedTuple):
    """The outcome for one file: `read`, or the reason code of the refusal.

    kind: None for a file that is no image. usual: files of this kind are usually read.
    """

    name: str
    kind: str | None
    usual: bool
    outcome: str


@dataclass(frozen=True)
class DecodingRequest:
    """One file to decode. file: its path; a confined worker is handed the file."""

    file: str


def decoder() -> Callable[[DecodingRequest], str]:
    """Set a worker up: its task decodes one file."""
    warm_up_decoders()

    def task(request: DecodingRequest) -> str:
        try:
            read_image(Path(request.file))
        except CaptureFailed as error:
            return error.reason
        return READ

    return task


def outcomes(folder: Path, workers: int = 2) -> list[Outcome]:
    """Decode every file below a folder, and return the outcomes by name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with Pool[DecodingRequest, str](decoder, workers=workers) as pool:
        return [
            _outcome(
                Path(request.file), folder, answer.code if isinstance(answer, Failure) else answer
            )
            for request, answer in pool.map(DecodingRequest(str(path)) for path in files)
        ]


def _outcome(path: Path, folder: Path, outcome: str) -> Outcome:
    with path.open("rb") as stream:
        start = stream.read(LENGTH)
    read = image_kind(start)
    name = path.relative_to(folder).as_posix()
    return Outcome(name, read or unread_kind(start), read is not None, outcome)


def table(found: Iterable[Outcome]) -> list[str]:
    """Return the number of files of each kind and outcome, as lines."""
    counts = Counter((one.kind or "no image", one.outcome) for one in found)
    return [f"{kind}\t{outcome}\t{count}" for (kind, outcome), count in sorted(counts.items())]


def refusals(found: Iterable[Outcome]) -> list[str]:
    """Return the refused files of the kinds that are usually read, as lines."""
    return [f"{one.name}\t{one.outcome}" for one in found if one.usual and one.outcome != READ]
