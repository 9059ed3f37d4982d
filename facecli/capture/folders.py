"""Find the image files that a command line names."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from facecli.capture.image_kinds import LENGTH, SUFFIXES, is_image
from facecli.errors.command_line import BadInput


@dataclass(frozen=True)
class UnreadFolder:
    """A folder, or a named path, that could not be searched. why: the reason, as a clause."""

    path: Path
    why: str


@dataclass
class ImageFiles:
    """The files to analyse, in order, and what of the named folders is not analysed.

    passed_over: number of files that are no images. subfolders: number of folders inside the named
    ones that were not asked for. unread: folders that could not be listed or entered.
    """

    files: list[Path] = field(default_factory=list)
    passed_over: int = 0
    subfolders: int = 0
    unread: list[UnreadFolder] = field(default_factory=list)


def image_files(paths: Sequence[Path], *, recursive: bool) -> ImageFiles:
    """Return the named files, and the images in named folders in order of their names.

    Hidden files and folders inside a named folder are left out. A file there that is an image
    neither by its first bytes nor by its suffix is passed over and counted. A file that was named
    itself always counts as an image. Linked folders come last, each followed once, and not where
    their target has been searched.

    Raises:
        BadInput: a path does not exist.
    """
    walk = _Walk(recursive)
    for path in paths:
        walk.add(path)
    walk.follow_links()
    return walk.found


class _Walk:
    """Collects image files. Folders are told apart by device and inode."""

    def __init__(self, recursive: bool) -> None:
        self.found = ImageFiles()
        self._recursive = recursive
        self._searched: set[tuple[int, int]] = set()
        self._links: list[Path] = []

    def add(self, path: Path) -> None:
        """Add a named file, or the images in a named folder. Raises `BadInput`."""
        try:
            path.lstat()
            is_folder = path.is_dir()
        except FileNotFoundError:
            raise BadInput(what=f"The path {path}", why="there is nothing there") from None
        except PermissionError as error:
            self._leave_out(path, error)
            return
        except OSError as error:
            raise BadInput(what=f"The path {_brief(path)}", why=_reason(error)) from None
        if is_folder:
            self._add_folder(path, again=True)
        else:
            self.found.files.append(path)

    def follow_links(self) -> None:
        """Add the images in linked folders, also in those that are found on the way."""
        while self._links:
            self._add_folder(self._links.pop(0), again=False)

    def _add_folder(self, folder: Path, *, again: bool) -> None:
        """Add the images of a folder. again: also if it has been searched already."""
        open_folders = [self._entries(folder, again=again)]
        while open_folders:
            entry = next(open_folders[-1], None)
            if entry is None:
                open_folders.pop()
            elif not _is_folder(entry):
                self._add_file(Path(entry.path))
            elif not self._recursive:
                self.found.subfolders += 1
            elif entry.is_symlink():
                self._links.append(Path(entry.path))
            else:
                open_folders.append(self._entries(Path(entry.path), again=again))

    def _entries(self, folder: Path, *, again: bool) -> Iterator[os.DirEntry[str]]:
        """Yield what is in a folder by name, or nothing if it cannot be listed and entered."""
        try:
            status = folder.stat()
            identity = (status.st_dev, status.st_ino)
            if identity in self._searched and not again:
                return
            self._searched.add(identity)
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
            if not os.access(folder, os.X_OK, effective_ids=os.access in os.supports_effective_ids):
                self.found.unread.append(UnreadFolder(folder, "it may be listed, but not entered"))
                return
        except OSError as error:
            self._leave_out(folder, error)
            return
        yield from (entry for entry in entries if not entry.name.startswith("."))

    def _add_file(self, path: Path) -> None:
        if _may_be_image(path):
            self.found.files.append(path)
        else:
            self.found.passed_over += 1

    def _leave_out(self, path: Path, error: OSError) -> None:
        self.found.unread.append(UnreadFolder(path, _reason(error)))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Return True for a folder or a link to one; False for what cannot be examined."""
    try:
        return entry.is_dir()
    except OSError:
        return False


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


def _reason(error: OSError) -> str:
    return (error.strerror or "it cannot be read").lower()


def _brief(path: Path) -> str:
    text = str(path)
    return text if len(text) <= 200 else f"{text[:200]}…"
