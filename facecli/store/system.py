"""A place for a machine's own database: folders of a system user, who owns all that is in them."""

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


@dataclass(frozen=True)
class Account:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int


def account(name: str) -> Account:
    """The user of that name, if we may act for them.

    Raises:
        NotRoot: only root can prepare another user's folders.
        NoAccount: there is no such user.
    """
    if os.geteuid() != 0:
        raise NotRoot()
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise NoAccount(name=name) from None
    return Account(name, found.pw_uid, found.pw_gid)


def prepare(folder: Path, owner: Account) -> None:
    """Make sure of a folder that only `owner` can look into. Doing it twice changes nothing.

    A folder that is there is taken if it is the owner's, or empty: what others keep in it stays
    theirs.

    Raises:
        BadInput: it is no folder, it holds what belongs to another user, or it cannot be made.
    """
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode):
            raise BadInput(what=f"The folder {folder}", why="it is a link or a file")
        if status.st_uid != owner.uid and any(folder.iterdir()):
            why = f"it is not empty and does not belong to the user {owner.name}"
            raise BadInput(what=f"The folder {folder}", why=why)
        os.chown(folder, owner.uid, owner.gid, follow_symlinks=False)
        folder.chmod(PRIVATE)
    except OSError as error:
        why = (error.strerror or "it cannot be made").lower()
        raise BadInput(what=f"The folder {folder}", why=why) from None


def give(path: Path, owner: Account) -> None:
    """Give a file that root has made in a prepared folder to the folder's owner.

    Who owns a folder can put a link in the place of a file, so that only root's own file with this
    one name is given away, and only by its descriptor.

    Raises:
        BadInput: it is no such file, and not the owner's already.
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
