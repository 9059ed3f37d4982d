"""Which image files a command line names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from facecli.errors import BadInput


def image_files(paths: Sequence[Path], *, recursive: bool) -> list[Path]:
    """Files as named, and the files in named folders, in order of their names.

    Hidden files and folders inside a named folder are left out. What a file really is shows
    when it is read.

    Raises:
        BadInput: a path does not exist, or a folder cannot be read.
    """
    files: list[Path] = []
    for path in paths:
        try:
            path.lstat()
            files.extend(_walk(path, recursive) if path.is_dir() else [path])
        except FileNotFoundError:
            raise BadInput(what=f"The path {path}", why="there is nothing there") from None
        except OSError as error:
            why = (error.strerror or "it cannot be read").lower()
            raise BadInput(what=f"The path {_brief(path)}", why=why) from None
    return files


def _brief(path: Path) -> str:
    text = str(path)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _walk(folder: Path, recursive: bool) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise BadInput(what=f"The folder {folder}", why=why) from None
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if not entry.is_dir():
            yield entry
        elif recursive and not entry.is_symlink():
            yield from _walk(entry, recursive)
