"""Enrolment manifests: CSV files with one capture in each row."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from facecli.errors.command_line import BadInput

COLUMNS = ("ref", "name", "purpose", "image", "evidence", "given", "expires")
OPTIONAL = ("guardian", "shared_form")
NEEDED = ("ref", "purpose", "image")
LARGEST_FILE = 256 * 1024 * 1024


@dataclass(frozen=True)
class ManifestRow:
    """One row of a manifest.

    Relative paths are already joined to the manifest's folder. Empty cells are None.
    problem: the reason why the form of the row makes it unusable, as a clause.
    """

    number: int  # 1 for the first row after the header
    ref: str
    name: str | None
    purpose: str
    image: Path
    evidence: Path | None
    given: str | None
    expires: str | None
    guardian: str | None = None
    shared_form: str | None = None  # the reason why the form covers other people too
    problem: str | None = None


def read(path: Path) -> list[ManifestRow]:
    """Read a manifest (CSV, UTF-8, a header line).

    Raises:
        BadInput: it cannot be read, or a column is missing, unknown or there twice.
    """
    what = f"The manifest {path}"
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise BadInput(what=what, why="it is not a regular file")
        if path.stat().st_size > LARGEST_FILE:
            raise BadInput(what=what, why="it is larger than 256 MiB")
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = [cell.strip().casefold() for cell in next(reader, [])]
            _check_header(header, what)
            return [
                _row(number, cells, header, path.parent)
                for number, cells in enumerate(reader, 1)
                if cells
            ]
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise BadInput(what=what, why=why) from None
    except UnicodeDecodeError:
        raise BadInput(what=what, why="it is not UTF-8 text") from None
    except csv.Error as error:
        raise BadInput(what=what, why=f"it is not CSV ({error})") from None


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


def _row(number: int, cells: list[str], header: list[str], folder: Path) -> ManifestRow:
    values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
    evidence = values.get("evidence")
    return ManifestRow(
        number=number,
        ref=values.get("ref", ""),
        name=values.get("name") or None,
        purpose=values.get("purpose", ""),
        image=folder / values.get("image", ""),
        evidence=folder / evidence if evidence else None,
        given=values.get("given") or None,
        expires=values.get("expires") or None,
        guardian=values.get("guardian") or None,
        shared_form=values.get("shared_form") or None,
        problem=_problem(values, len(cells), len(header)),
    )


def _problem(values: Mapping[str, str], cells: int, columns: int) -> str | None:
    """Return the reason why a row is not usable, as a clause, or None."""
    if cells != columns:
        return f"it has {cells} cells instead of {columns}"
    for name in NEEDED:
        if not values[name]:
            return f"the cell `{name}` is empty"
    if any("\0" in value for value in values.values()):
        return "it holds a NUL character"
    if values.get("shared_form") and not values["evidence"]:
        return "the cell `shared_form` needs a form in `evidence`"
    needs_end = [name for name in ("evidence", "given", "guardian") if values.get(name)]
    if needs_end and not values["expires"]:
        return "the cell `expires` is empty; a consent without an end is not allowed"
    if values["expires"] and not values["evidence"] and not values["given"]:
        return "it has no form, so that the cell `given` must state the day of the consent"
    return None
