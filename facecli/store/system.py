"""Prepare the folders of a machine's own database for the system user that owns them."""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from facecli.errors.command_line import BadInput
from facecli.errors.store import NoAccount, NotRoot

USER = "facecli"
DATABASE = Path("/var/lib/facecli/facecli.db")
KEY_FILE = Path("/etc/facecli/facecli.key")
PRIVATE = 0o700
READABLE = 0o755
"""Mode of the folder of the configuration, which every user's facecli reads."""


@dataclass(frozen=True)
class Account:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int


def account(name: str) -> Account:
    """Return the user with that name. Only root may prepare another user's folders.

    Raises:
        NotRoot: this process is not root's.
        NoAccount: there is no such user.
    """
    if os.geteuid() != 0:
        raise NotRoot()
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise NoAccount(name=name) from None
    return Account(name, found.pw_uid, found.pw_gid)


def prepare(folder: Path, owner: Account, besides: Path | None = None, mode: int = PRIVATE) -> None:
    """Create a folder that only `owner` can change. Doing it twice changes nothing.

    An existing folder is used if it belongs to the owner or is empty: the files of other users stay
    theirs.

    Args:
        besides: a file of root's that may be in it.
        mode: of the folder. By default, only the owner can open it.

    Raises:
        BadInput: it is not a folder, it contains files of another user, or it cannot be created.
    """
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode):
            raise BadInput(what=f"The folder {folder}", why="it is a link or a file")
        if status.st_uid != owner.uid and any(one != besides for one in folder.iterdir()):
            why = f"it is not empty and does not belong to the user {owner.name}"
            raise BadInput(what=f"The folder {folder}", why=why)
        os.chown(folder, owner.uid, owner.gid, follow_symlinks=False)
        folder.chmod(mode)
    except OSError as error:
        why = (error.strerror or "it cannot be made").lower()
        raise BadInput(what=f"The folder {folder}", why=why) from None


def give(path: Path, owner: Account) -> None:
    """Give a file that root has created in a prepared folder to the folder's owner.

    The owner of a folder can replace a file by a link. So only a file of root with no other name is
    given away, and only by its descriptor. A file that is the owner's already stays as it is.

    Raises:
        BadInput: it is not such a file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        why = (error.strerror or "it cannot be opened").lower()
        raise BadInput(what=f"The file {path}", why=why) from None
    try:
        status = os.fstat(descriptor)
        if status.st_uid == owner.uid:
            return
        if not stat.S_ISREG(status.st_mode) or status.st_uid != 0 or status.st_nlink != 1:
            why = "it belongs to another user, or has another name as well"
            raise BadInput(what=f"The file {path}", why=why)
        os.fchown(descriptor, owner.uid, owner.gid)
    finally:
        os.close(descriptor)
