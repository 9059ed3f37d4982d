"""The files that a worker may read while it sets up: the program's own, and nothing of the user's.

The import path is not granted as it is: with `python -m facecli` it has the current folder, which
may hold the key and the database.
"""

from __future__ import annotations

import os
import site
import stat
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

import facecli
from facecli.workers.confinement.landlock import CACHE, READ, READ_FILE, WRITE_FILE, Grant

_LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache", "/nix/store")
# ONNX Runtime looks for graphics cards, and warns where it may not.
_FACTS = (
    "/sys/devices/system/cpu",
    "/sys/bus/pci/devices",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/self",
)
_PYTHON = ("stdlib", "platstdlib", "purelib", "platlib")
_PACKAGES = ("site-packages", "dist-packages")


def grants(more: Iterable[str], caches: bool = True) -> Iterator[Grant]:
    """Yield the rights that a worker has until it is sealed.

    Args:
        more: files and folders to read, such as a model of the user's.
        caches: grant the cache of networks too, and create its folder.
    """
    read = {*_LIBRARIES, *_FACTS, *_python_folders(), *more, str(Path(facecli.__file__).parent)}
    for path in sorted(read):
        yield Grant(path, READ)
    yield Grant("/dev/null", READ_FILE | WRITE_FILE)
    yield Grant("/dev/urandom", READ_FILE)
    cache = cache_folder() if caches else None
    if cache is not None:
        yield Grant(str(cache), CACHE)


def _python_folders() -> Iterator[str]:
    """Yield the folders of the interpreter's libraries and of installed packages."""
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix}:
        yield from (os.path.join(prefix, "lib"), os.path.join(prefix, "lib64"))
    yield from (sysconfig.get_path(name) for name in _PYTHON)
    yield from site.getsitepackages()
    if site.ENABLE_USER_SITE:
        yield site.getusersitepackages()
    # A .pth file may add another folder of installed packages.
    yield from (path for path in sys.path if os.path.basename(path) in _PACKAGES)


def cache_folder() -> Path | None:
    """Return the folder of cached networks, created if needed, or None if none can be trusted."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    try:
        base = Path(named) if os.path.isabs(named) else Path.home() / ".cache"
        folder = base / "facecli"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.lstat()
    except (OSError, RuntimeError):
        return None
    ours = stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid()
    return folder if ours and not state.st_mode & 0o022 else None
