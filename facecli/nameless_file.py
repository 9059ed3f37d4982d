"""New files that appear complete and on disk under their name, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedWriter
from pathlib import Path


class NamelessFile:
    """A file without a name, mode 0600, until `appear` or `replace` gives it one.

    On a file system that knows no nameless files, it is named `.NAME.XXXXXXXX.tmp` until then.
    """

    def __init__(self, path: Path, folder: int) -> None:
        """Open a file that is to be `path`, in the open `folder`. Raises OSError."""
        self._path = path
        self._folder = folder
        self._temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
        descriptor = _open_nameless(path.parent)
        self._is_named = descriptor is None
        if descriptor is None:
            descriptor = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self.stream: BufferedWriter = os.fdopen(descriptor, "wb")

    def appear(self) -> None:
        """Give the file its name, and bring both to the disk.

        Raises:
            FileExistsError: something has that name already; it is not touched.
            OSError: the file cannot be written; it is not there.
        """
        self._to_disk()
        self._link(self._path)
        try:
            os.fsync(self._folder)
        except OSError:  # the name may not be on disk
            with suppress(OSError):
                self._path.unlink()
            raise

    def replace(self) -> None:
        """Give the file its name, in place of what has it, and bring both to the disk.

        Raises:
            OSError: the file cannot be written.
        """
        self._to_disk()
        if not self._is_named:
            try:
                self._link(self._path)
            except FileExistsError:
                self._link(self._temporary)
                self._is_named = True
        if self._is_named:
            os.rename(self._temporary, self._path)
        os.fsync(self._folder)

    def _link(self, path: Path) -> None:
        source = f"/proc/self/fd/{self.stream.fileno()}"
        # With a folder's descriptor Python calls linkat, the only call that follows a /proc link.
        os.link(self._temporary if self._is_named else source, path.name, dst_dir_fd=self._folder)

    def _to_disk(self) -> None:
        self.stream.flush()
        os.fsync(self.stream.fileno())

    def close(self) -> None:
        """Close the file; without its name it is gone."""
        try:
            self.stream.close()
        finally:
            if self._is_named:
                with suppress(OSError):
                    self._temporary.unlink(missing_ok=True)


@contextmanager
def nameless_file(path: Path) -> Iterator[NamelessFile]:
    """Open a new file for `path`; a kill or a full disk leaves nothing of it.

    Raises:
        OSError: no file can be made in the folder of `path`.
    """
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        file = NamelessFile(path, folder)
        try:
            yield file
        finally:
            file.close()
    finally:
        os.close(folder)


def _open_nameless(folder: Path) -> int | None:
    """Open a file without a name, for writing; return None if the file system knows none."""
    if not os.path.isdir("/proc/self/fd"):  # `_link` goes through there
        return None
    try:
        return os.open(folder, os.O_WRONLY | os.O_TMPFILE, 0o600)
    except (AttributeError, OSError):  # any other trouble shows when a named file is opened
        return None
