"""Labelled images: folders with one subfolder per person, and lists of pairs as LFW has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from facecli.errors.command_line import BadInput
from facecli.printable import counted

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
"""Suffixes to try, in this order, for an image that a list of pairs names by its number."""
LARGEST_LIST = 64 * 2**20
"""Bytes of a list of pairs."""


@dataclass(frozen=True)
class LabelledImage:
    """An image file and the person in it."""

    person: str
    path: Path


@dataclass(frozen=True)
class Pair:
    """Two images to compare. `fold` is counted from 0."""

    first: LabelledImage
    second: LabelledImage
    fold: int

    @property
    def same(self) -> bool:
        """True if both images show the same person."""
        return self.first.person == self.second.person


@dataclass(frozen=True)
class PairList:
    """The pairs of a list, fold by fold."""

    folds: int
    pairs: tuple[Pair, ...]

    def images(self) -> list[LabelledImage]:
        """Return every named image once, in order of first mention."""
        both = (image for pair in self.pairs for image in (pair.first, pair.second))
        return list(dict.fromkeys(both))


def labelled_folder(folder: Path, least_people: int = 1) -> list[LabelledImage]:
    """Return the images of a folder with one subfolder per person, by person and name.

    Hidden files and files outside a person's subfolder are left out. A file that is not an image
    counts later as a failure to acquire.

    Raises:
        BadInput: a folder cannot be read or is empty, or there are fewer than `least_people`
            people.
    """
    what = f"The folder {folder}"
    people = [entry for entry in entries(folder, what) if entry.is_dir()]
    if not people:
        raise BadInput(what=what, why="it holds no folders; it needs one subfolder per person")
    if len(people) < least_people:
        found = counted(len(people), "person", "people")
        why = f"it holds the images of {found}; comparisons need {least_people}"
        raise BadInput(what=what, why=why)
    return [LabelledImage(person.name, path) for person in people for path in _images_of(person)]


def _images_of(person: Path) -> list[Path]:
    what = f"The folder {person}"
    files = [entry for entry in entries(person, what) if not entry.is_dir()]
    if not files:
        raise BadInput(what=what, why="it holds no images")
    return files


def entries(folder: Path, what: str) -> list[Path]:
    """Return what lies in a folder, by name, without hidden files. what: its name in errors.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise BadInput(what=what, why=(error.strerror or "it cannot be read").lower()) from None
    return [entry for entry in found if not entry.name.startswith(".")]


def read_pairs(path: Path, images: Path) -> PairList:
    """Read a list of pairs in the format of LFW's `pairs.txt`.

    The first line has the number of folds, and the number of matched pairs in each, which is also
    that of mismatched pairs; a single number means one fold. The lines of each fold follow:
    `name n1 n2` for two images of one person, then `name1 n1 name2 n2` for two people. Fields are
    separated by tabs or, if names have no blanks, by blanks. Image n of a person is
    `images/NAME/NAME_000n.jpg` (or .png and so on).

    Raises:
        BadInput: the list is malformed (the error names the line) or an image is missing.
    """
    lines = _lines(path)
    folds, each = _header(lines[0], path)
    expected = folds * 2 * each
    if len(lines) - 1 != expected:
        why = f"its first line promises {expected:,} pairs and {len(lines) - 1:,} follow"
        raise BadInput(what=str(path), why=why)
    pairs = []
    for at, line in enumerate(lines[1:]):
        where = f"{path}, line {at + 2}"
        matched = at % (2 * each) < each
        pairs.append(_pair(line, matched, at // (2 * each), images, where))
    return PairList(folds, tuple(pairs))


def _lines(path: Path) -> list[str]:
    what = f"The list of pairs {path}"
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_LIST + 1)
    except OSError as error:
        raise BadInput(what=what, why=(error.strerror or "it cannot be read").lower()) from None
    if len(content) > LARGEST_LIST:
        raise BadInput(what=what, why="it is larger than 64 MiB")
    try:
        lines = content.decode("utf-8-sig").rstrip().splitlines()
    except UnicodeDecodeError:
        raise BadInput(what=what, why="it is not UTF-8 text") from None
    if not lines:
        raise BadInput(what=what, why="it is empty")
    return lines


def _header(line: str, path: Path) -> tuple[int, int]:
    numbers = [_number(word) for word in line.split()]
    if len(numbers) == 1:
        numbers = [1, *numbers]
    if len(numbers) != 2 or None in numbers:
        why = "it must have the number of folds, and the number of pairs of each kind in a fold"
        raise BadInput(what=f"{path}, line 1", why=why)
    folds, each = numbers
    return folds or 0, each or 0


def _number(word: str) -> int | None:
    """Return a whole number from 1 on, or None for other text."""
    return int(word) if word.isascii() and word.isdigit() and 0 < int(word[:9]) else None


def _pair(line: str, matched: bool, fold: int, images: Path, where: str) -> Pair:
    fields = line.split("\t") if "\t" in line else line.split()
    fields = [one.strip() for one in fields]
    form = "`name n1 n2`" if matched else "`name1 n1 name2 n2`"
    if len(fields) != (3 if matched else 4):
        raise BadInput(what=where, why=f"{form} is expected here")
    name, other = fields[0], fields[0] if matched else fields[2]
    numbers = _number(fields[1]), _number(fields[-1])
    if None in numbers or not name or not other:
        raise BadInput(what=where, why=f"{form} is expected here, with numbers from 1")
    if (name == other) is not matched:
        raise BadInput(what=where, why="two people are expected here, and both are the same")
    if matched and numbers[0] == numbers[1]:
        raise BadInput(what=where, why="it compares an image with itself")
    first, second = (
        _image(person, number or 0, images, where)
        for person, number in zip((name, other), numbers, strict=True)
    )
    return Pair(first, second, fold)


def _image(person: str, number: int, images: Path, where: str) -> LabelledImage:
    if "/" in person or person in (".", ".."):
        raise BadInput(what=where, why="a name with / cannot be a folder's name")
    stem = images / person / f"{person}_{number:04d}"
    for path in _candidates(stem):
        if path.is_file():
            return LabelledImage(person, path)
    raise BadInput(what=where, why=f"there is no image {stem}.jpg")


def _candidates(stem: Path) -> Iterator[Path]:
    return (stem.with_name(stem.name + suffix) for suffix in SUFFIXES)


def images_to_compare(
    pairs_file: Path | None, folder: Path
) -> tuple[PairList | None, list[LabelledImage]]:
    """Return the images of a verification study: those of the pairs, or all of the folder.

    Raises:
        BadInput: as `read_pairs` and `labelled_folder` raise it.
    """
    if pairs_file is None:
        return None, labelled_folder(folder, least_people=2)
    pairs = read_pairs(pairs_file, folder)
    return pairs, pairs.images()


def people(images: Sequence[LabelledImage]) -> list[str]:
    """Return the person of each image, in order."""
    return [image.person for image in images]
