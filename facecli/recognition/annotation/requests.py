"""What an annotated picture says: boxes with refs and distances; strangers are blurred."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facecli.capture.marks import Mark, PixelBox
from facecli.recognition.annotation.picture_worker import AnnotationRequest
from facecli.recognition.matching.identification import ImageResult
from facecli.recognition.video.watch_worker import TrackSeen

LONGEST_STEM = 50  # characters: with four bytes each, a file name still has room for the rest
REMEMBERED = 1000
"""Of so many tracks that matched it is known who they are. Older ones are taken for strangers."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Style:
    """names: write the person's name beside the ref. blur: make faces without a match
    unrecognisable."""

    names: bool
    blur: bool

    def mark(self, box: PixelBox, row: Row | None) -> Mark:
        """A face as its row says; None where nothing was decided of it, or not yet."""
        if row is None or row["decision"] != "match":
            return Mark(box, "", blur=self.blur, kind="no-match")
        who = f"{row['ref']} {row['name']}" if self.names and row["name"] else row["ref"]
        return Mark(box, f"{who}  {row['distance']:.2f}", blur=False, kind="match")


class Drawing:
    """Turns the rows of an image into a request to annotate it, under a free name in a folder."""

    def __init__(self, folder: Path, style: Style) -> None:
        self._folder = folder
        self._style = style
        self._taken: set[str] = set()

    def can_show(self, result: ImageResult) -> bool:
        """Whether the image was searched, and wholly: the places of faces that were left out are
        not known, so that they could not be blurred."""
        return not result.failed and not (result.left_out and self._style.blur)

    def request(self, path: str, rows: Iterable[Row]) -> AnnotationRequest:
        """What to draw for one image; of several candidates the nearest."""
        marks = tuple(
            self._style.mark(tuple(row["box"]), row)
            for row in rows
            if row["box"] is not None and row["rank"] in (None, 1)
        )
        return AnnotationRequest(path, self._folder / self._free_name(path), marks)

    def _free_name(self, path: str) -> str:
        stem = Path(path).stem[:LONGEST_STEM]
        name, number = f"{stem}.jpg", 1
        while name in self._taken:
            number += 1
            name = f"{stem}-{number}.jpg"
        self._taken.add(name)
        return name


class Decisions:
    """What was decided of the tracks of a video by now, as far as it names somebody.

    remembered: of how many tracks that is known at most; None: of all.
    """

    def __init__(self, remembered: int | None = REMEMBERED) -> None:
        self._matches: OrderedDict[int, Row] = OrderedDict()
        self._remembered = remembered

    def add(self, rows: Iterable[Row]) -> None:
        """Take in the rows of a track that was searched; of several candidates the nearest."""
        for row in rows:
            if row["decision"] == "match" and row["rank"] == 1:
                self._matches[row["track"]] = row
        while self._remembered is not None and len(self._matches) > self._remembered:
            self._matches.popitem(last=False)

    def of(self, track: int) -> Row | None:
        """The row of a track that matched; None for a stranger, and where nothing is decided."""
        return self._matches.get(track)


class TrackDrawing:
    """Turns the best frame of each track into a request to annotate it: `track-0001.jpg`.

    In such a frame there are also faces whose own tracks have not ended, or that no track
    follows: of these nothing is decided, and they are blurred as strangers are.
    """

    def __init__(self, folder: Path, style: Style, decisions: Decisions) -> None:
        self._folder = folder
        self._style = style
        self._decisions = decisions

    def request(self, track: TrackSeen) -> AnnotationRequest:
        """What to draw for one track, searched before, whose best frame was kept."""
        if track.picture is None:
            raise ValueError("a track whose frame was not kept")
        marks = tuple(
            self._style.mark(box, self._decisions.of(number)) for number, box in track.picture.boxes
        )
        name = f"track-{track.track:04}.jpg"
        return AnnotationRequest(track.picture.jpeg, self._folder / name, marks)
