"""Enrolment manifests: CSV files with one capture in each row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from facecli.capture.csv_rows import CsvRow, NotCsv, check_encoding, csv_rows
from facecli.errors.command_line import BadInput
from facecli.printable import counted

COLUMNS = ("ref", "name", "purpose", "image", "evidence", "given", "expires")
OPTIONAL = (
    "guardian", "shared_form", "notice_lang", "source", "distinct", "allow_duplicate",
    "allow_other_face",
)  # fmt: skip
YES_OR_NO = ("distinct", "allow_duplicate")
NEEDED = ("ref", "purpose", "image")
PATHS = ("image", "evidence")
YES, NO = ("yes", "true", "1"), ("", "no", "false", "0")
LARGEST_FILE = 256 * 1024 * 1024


@dataclass(frozen=True)
class ManifestRow:
    """One row of a manifest.

    Relative paths are already joined to the manifest's folder. Empty cells are None.
    problem: the reason why the form of the row makes it unusable, as a clause. cells: as they stand
    in the file.
    """

    number: int  # 1 for the first row after the header
    ref: str
    name: str | None
    purpose: str
    image: Path | None
    evidence: Path | None
    given: str | None
    expires: str | None
    guardian: str | None = None
    shared_form: str | None = None  # the reason why the form covers other people too
    notice_lang: str | None = None
    distinct: bool = False  # the REF may look like another
    allow_duplicate: bool = False  # the face may be enrolled under another REF
    allow_other_face: str | None = None  # the reason why the face may be another than the subject's
    source: str | None = None  # where the photo comes from
    problem: str | None = None
    cells: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The path of the image, or an empty text."""
        return "" if self.image is None else str(self.image)


class Manifest:
    """The rows of a manifest, read from the file as they are taken. Its length is their number."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with _rows_of(path) as rows:
            _check_header(_header(rows), _what(path))
            self._length = sum(1 for _ in rows)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[ManifestRow]:
        with _rows_of(self._path) as rows:
            header = _header(rows)
            for number, row in enumerate(rows, 1):
                yield _row(number, row, header, self._path.parent)


def read(path: Path) -> Manifest:
    """Check a manifest (CSV, UTF-8, a header line) as a whole, and return its rows.

    Raises:
        BadInput: it cannot be read, or a column is missing, unknown or there twice. Taking the
            rows raises it too, if the file changes.
    """
    return Manifest(path)


@contextmanager
def _rows_of(path: Path) -> Iterator[Iterator[CsvRow]]:
    """Open a manifest for its rows. Raises `BadInput`."""
    what = _what(path)
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise BadInput(what=what, why="it is not a regular file")
        if path.stat().st_size > LARGEST_FILE:
            raise BadInput(what=what, why="it is larger than 256 MiB")
        with path.open("rb") as start:
            check_encoding(start)
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
            yield csv_rows(stream)
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise BadInput(what=what, why=why) from None
    except NotCsv as error:
        raise BadInput(what=what, why=str(error)) from None


def _what(path: Path) -> str:
    return f"The manifest {path}"


def _header(rows: Iterator[CsvRow]) -> list[str]:
    first = next(rows, None)
    return [cell.casefold() for cell in first.cells] if first is not None else []


def _check_header(header: list[str], what: str) -> None:
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        why = f"the column `{missing[0]}` is missing; the columns are {','.join(COLUMNS)}"
        raise BadInput(what=what, why=why)
    unknown = [name for name in header if name not in COLUMNS + OPTIONAL]
    if unknown:
        raise BadInput(what=what, why=f"the column `{unknown[0][:40]}` is not known")
    if len(set(header)) < len(header):
        raise BadInput(what=what, why="a column appears twice")


def _row(number: int, row: CsvRow, header: list[str], folder: Path) -> ManifestRow:
    values = dict(zip(header, row.cells, strict=False))
    image, evidence = values.get("image"), values.get("evidence")
    return ManifestRow(
        number=number,
        ref=values.get("ref", ""),
        name=values.get("name") or None,
        purpose=values.get("purpose", ""),
        image=folder / image if image else None,
        evidence=folder / evidence if evidence else None,
        given=values.get("given") or None,
        expires=values.get("expires") or None,
        guardian=values.get("guardian") or None,
        shared_form=values.get("shared_form") or None,
        notice_lang=values.get("notice_lang") or None,
        distinct=_is_yes(values, "distinct"),
        allow_duplicate=_is_yes(values, "allow_duplicate"),
        allow_other_face=values.get("allow_other_face") or None,
        source=values.get("source") or None,
        cells=tuple(row.cells),
        problem=row.problem or _problem(values, len(row.cells), len(header), folder),
    )


def _is_yes(values: Mapping[str, str], name: str) -> bool:
    return values.get(name, "").casefold() in YES


def _problem(values: Mapping[str, str], cells: int, columns: int, folder: Path) -> str | None:
    """Return the reason why a row is not usable, as a clause, or None."""
    if cells != columns:
        return f"it has {counted(cells, 'cell')} instead of {columns}"
    for name in NEEDED:
        if not values[name]:
            return f"the cell `{name}` is empty"
    if any("\0" in value for value in values.values()):
        return "it holds a NUL character"
    for name in YES_OR_NO:
        if values.get(name, "").casefold() not in YES + NO:
            return f"the cell `{name}` is neither yes nor no"
    return _path_problem(values, folder) or _consent_problem(values)


def _path_problem(values: Mapping[str, str], folder: Path) -> str | None:
    """Return the problem of a path that was written as on Windows, or None."""
    for column in PATHS:
        path = values[column]
        if "\\" in path and not (folder / path).exists():
            slashes = path.replace("\\", "/")
            return f"the path in `{column}` has back-slashes; write {slashes}"
    return None


def _consent_problem(values: Mapping[str, str]) -> str | None:
    """Return why the cells of the consent do not fit together, or None."""
    if values.get("shared_form") and not values["evidence"]:
        return "the cell `shared_form` needs a form in `evidence`"
    needs_end = [
        name for name in ("evidence", "given", "guardian", "notice_lang") if values.get(name)
    ]
    if needs_end and not values["expires"]:
        return "the cell `expires` is empty; a consent without an end is not allowed"
    if values["expires"] and not values["evidence"] and not values["given"]:
        return "it has no form, so that the cell `given` must state the day of the consent"
    return None
