"""Turn match rows into marks: a box with REF and distance on matches, blur on other faces."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from facecli.capture.marks import Mark, PixelBox
from facecli.recognition.annotation.picture_worker import PictureRequest
from facecli.recognition.matching.match_rows import ImageResult, MatchRow
from facecli.recognition.video.watch_worker import EndedTrack

LONGEST_STEM = 50
"""Characters of an image's name that its picture keeps: at four bytes each, there is room for
the rest of a file name."""
REMEMBERED = 1000
"""Matched tracks whose rows are remembered. Older ones are drawn as unmatched."""


@dataclass(frozen=True)
class AnnotationStyle:
    """names: write names beside REFs. blur: make unmatched faces unrecognisable."""

    names: bool
    blur: bool

    def mark(self, box: PixelBox, row: MatchRow | None) -> Mark:
        """Return the mark of a face. row: None where its track was not searched, or not yet."""
        if row is None or row["decision"] != "match":
            return Mark(box, "", blur=self.blur, kind="no-match")
        who = f"{row['ref']} {row['name']}" if self.names and row["name"] else row["ref"]
        return Mark(box, f"{who}  {row['distance']:.2f}", blur=False, kind="match")


class PictureRequests:
    """Makes the requests to annotate images, each under a free name in a folder."""

    def __init__(self, folder: Path, style: AnnotationStyle) -> None:
        self._folder = folder
        self._style = style
        self._taken: set[str] = set()

    def can_show(self, result: ImageResult) -> bool:
        """Return whether the image may be annotated.

        False if it was not searched completely: the places of the other faces are not known, and
        they could not be blurred.
        """
        return not result.failed and not (result.left_out and self._style.blur)

    def request(self, path: str, rows: Iterable[MatchRow]) -> PictureRequest:
        """Return the request for one image; of several candidates the nearest is shown."""
        marks = tuple(
            self._style.mark(tuple(row["box"]), row)
            for row in rows
            if row["box"] is not None and row["rank"] in (None, 1)
        )
        return PictureRequest(path, self._folder / self._free_name(path), marks)

    def _free_name(self, path: str) -> str:
        stem = Path(path).stem[:LONGEST_STEM]
        name, number = f"{stem}.jpg", 1
        while name in self._taken:
            number += 1
            name = f"{stem}-{number}.jpg"
        self._taken.add(name)
        return name


class TrackDecisions:
    """The tracks of a video that matched so far, with their rows.

    remembered: the most recent tracks that are kept; None: all.
    """

    def __init__(self, remembered: int | None = REMEMBERED) -> None:
        self._matches: OrderedDict[int, MatchRow] = OrderedDict()
        self._remembered = remembered

    def add(self, rows: Iterable[MatchRow]) -> None:
        """Add the rows of a track that was searched; of several candidates the nearest counts."""
        for row in rows:
            if row["decision"] == "match" and row["rank"] == 1:
                self._matches[row["track"]] = row
        while self._remembered is not None and len(self._matches) > self._remembered:
            self._matches.popitem(last=False)

    def of(self, track: int) -> MatchRow | None:
        """Return the row of a track that matched; None for any other track."""
        return self._matches.get(track)


class TrackPictureRequests:
    """Makes the requests to annotate the best frame of each track: `track-0001.jpg`.

    Such a frame also shows faces whose tracks have not ended, or that no track follows. They are
    not searched yet, and are blurred as unmatched faces are.
    """

    def __init__(self, folder: Path, style: AnnotationStyle, decisions: TrackDecisions) -> None:
        self._folder = folder
        self._style = style
        self._decisions = decisions

    def request(self, track: EndedTrack) -> PictureRequest:
        """Return the request for a track that was searched, and whose best frame was kept."""
        if track.kept is None:
            raise ValueError("a track whose frame was not kept")
        marks = tuple(
            self._style.mark(box, self._decisions.of(number)) for number, box in track.kept.boxes
        )
        name = f"track-{track.track:04}.jpg"
        return PictureRequest(track.kept.jpeg, self._folder / name, marks)
