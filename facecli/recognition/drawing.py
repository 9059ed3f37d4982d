"""What an annotated picture says: boxes with refs and distances; strangers are blurred."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from facecli.capture.marks import Mark
from facecli.recognition.annotation import AnnotationRequest

LONGEST_STEM = 50  # characters: with four bytes each, a file name still has room for the rest


class Drawing:
    """Turns the rows of an image into a request to annotate it, under a free name in a folder.

    Args:
        folder: where the pictures go.
        names: write the person's name beside the ref.
        blur: make faces without a match unrecognisable.
    """

    def __init__(self, folder: Path, *, names: bool, blur: bool) -> None:
        self._folder = folder
        self._names = names
        self._blur = blur
        self._taken: set[str] = set()

    def request(self, path: str, rows: Iterable[Mapping[str, Any]]) -> AnnotationRequest:
        """What to draw for one image; of several candidates the nearest."""
        marks = tuple(
            self._mark(row) for row in rows if row["box"] is not None and row["rank"] in (None, 1)
        )
        return AnnotationRequest(path, str(self._folder / self._free_name(path)), marks)

    def _mark(self, row: Mapping[str, Any]) -> Mark:
        if row["decision"] != "match":
            return Mark(tuple(row["box"]), "", blur=self._blur, kind="no-match")
        who = f"{row['ref']} {row['name']}" if self._names and row["name"] else row["ref"]
        return Mark(tuple(row["box"]), f"{who}  {row['distance']:.2f}", blur=False, kind="match")

    def _free_name(self, path: str) -> str:
        stem = Path(path).stem[:LONGEST_STEM]
        name, number = f"{stem}.jpg", 1
        while name in self._taken:
            number += 1
            name = f"{stem}-{number}.jpg"
        self._taken.add(name)
        return name
