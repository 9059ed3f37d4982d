"""Find the image files that a command line names."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from facecli.capture.image_kinds import LENGTH, SUFFIXES, is_image
from facecli.errors.command_line import BadInput


@dataclass
class ImageFiles:
    """The files to analyse, in order, and the number of files in folders that are no images."""

    files: list[Path] = field(default_factory=list)
    passed_over: int = 0


def image_files(paths: Sequence[Path], *, recursive: bool) -> ImageFiles:
    """Return the named files, and the images in named folders in order of their names.

    Hidden files and folders inside a named folder are left out. A file there that is an image
    neither by its first bytes nor by its suffix is passed over and counted. A file that was named
    itself always counts as an image.

    Raises:
        BadInput: a path does not exist, or a folder cannot be read.
    """
    found = ImageFiles()
    for path in paths:
        try:
            path.lstat()
            if not path.is_dir():
                found.files.append(path)
                continue
            for file in _walk(path, recursive):
                if _may_be_image(file):
                    found.files.append(file)
                else:
                    found.passed_over += 1
        except FileNotFoundError:
            raise BadInput(what=f"The path {path}", why="there is nothing there") from None
        except OSError as error:
            why = (error.strerror or "it cannot be read").lower()
            raise BadInput(what=f"The path {_brief(path)}", why=why) from None
    return found


def _may_be_image(path: Path) -> bool:
    """Return False for a regular file that is certainly no image.

    A damaged photograph has the suffix of one; reading it must fail, so it is not passed over.
    """
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a device can have effects
            return True
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        with open(os.open(path, flags), "rb") as stream:
            return is_image(stream.read(LENGTH))
    except OSError:
        return True


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
