"""Errors of the database file, its folder and its backups."""

from __future__ import annotations

from facecli.errors.base import Exit, FacecliError, NotWritten


class NoDatabase(FacecliError):
    """There is no facecli database at {path}."""

    exit_code = Exit.NO_DATABASE
    code = "no-database"
    remedy = (
        "Create one with `facecli init`, restore a lost one with `facecli backup restore`, or name "
        "another with --db."
    )


class NoBackup(NoDatabase):
    """There is no backup at {path}."""

    code = "no-backup"
    remedy = "Name the file that `facecli backup create` made; its FILE.keys must be beside it."


class NotOurs(FacecliError):
    """{path} is not a facecli database: {why}."""

    exit_code = Exit.NO_DATABASE
    code = "not-ours"
    remedy = "Name a facecli database with --db; this file was not touched."


class NotPermitted(NotOurs):
    """This user may not open {path}."""

    code = "not-permitted"
    remedy = (
        "Run facecli as the user who owns it, such as `sudo -u facecli facecli ...`, or name a "
        "database of your own with --db."
    )


class EarlierDatabase(FacecliError):
    """{path} was made by an earlier facecli, whose format this one does not read."""

    exit_code = Exit.NO_DATABASE
    code = "earlier-database"
    remedy = (
        "It was not touched. Create a new database with `facecli init` at another place, then "
        "apply the purposes and enrol again from your own records."
    )


class NotABackup(NotOurs):
    """{path} is not a facecli backup: {why}."""

    code = "not-a-backup"
    remedy = "Name the file that `facecli backup create` made; this file was not touched."


class NewerSchema(FacecliError):
    """{path} was written by a newer facecli (schema {found}; known are schemas up to {known})."""

    exit_code = Exit.NO_DATABASE
    code = "newer-schema"
    remedy = "Upgrade facecli; the database was not touched."


class AlreadyThere(FacecliError):
    """{path} exists already."""

    code = "already-there"
    remedy = "Choose another path, or move the file away first; nothing was overwritten."


class UnsafePermissions(FacecliError):
    """{path} can be {verb} by others than its owner (mode {mode})."""

    code = "unsafe-permissions"
    remedy = "Run `chmod {chmod} {path}`, then try again."


class SharedFolder(UnsafePermissions):
    """{path} is a folder for the files of all users (mode {mode})."""

    code = "shared-folder"
    remedy = "Choose a folder of your own, for instance one made with `mkdir -m 700`."


class NotRoot(FacecliError):
    """Only root can prepare the folders of a system user."""

    code = "not-root"
    remedy = "Nothing was changed; run the command with sudo."


class NoAccount(FacecliError):
    """There is no user {name} on this machine."""

    code = "no-account"
    remedy = (
        "Nothing was changed; create one with `useradd --system --user-group --home-dir "
        "/var/lib/facecli --shell /usr/sbin/nologin {name}`, or name another with --user."
    )


class Locked(FacecliError):
    """The database is locked by another process (waited {seconds:g} s)."""

    exit_code = Exit.LOCKED
    code = "locked"
    remedy = "Try again later, or wait longer with --lock-wait."


class PageDamaged(FacecliError):
    """The database {path} is damaged: a page failed its integrity check."""

    exit_code = Exit.PAGE_DAMAGED
    code = "page-damaged"
    remedy = "Nothing was changed; stop using the database and restore a backup."


class ShardDamaged(PageDamaged):
    """The templates in {path} are damaged (shard {shard}): {why}."""

    code = "templates-damaged"
    remedy = "Nobody was compared; run `facecli doctor`, and restore a backup."


class StoreFailed(NotWritten):
    """The database {path} could not be read or written: {why}."""

    code = "store-failed"
    remedy = "What was reported as done is done; {cure}, then run the command again."


class CutShort(FacecliError):
    """The last write to {path} was interrupted and has not been undone yet."""

    exit_code = Exit.PARTIAL
    code = "cut-short"
    remedy = "Run `facecli status`, which undoes it, then run this command again."


class BackupRefused(FacecliError):
    """The backup {path} is not usable: {why}."""

    code = "backup-refused"
    remedy = "Nothing was changed; choose another backup."


class BackupDamaged(PageDamaged):
    """The backup {path} is damaged: it was cut off or altered."""

    code = "backup-damaged"
    remedy = "Nothing was changed; choose another backup, and find out how this one was damaged."


class CopyAsDatabase(FacecliError):
    """{path} is {what}, and a copy is not used as a database."""

    exit_code = Exit.SAFETY
    code = "copy-as-database"
    remedy = (
        "Nothing was changed. Name the database with --db; put a copy in its place with "
        "`facecli backup restore`."
    )


class UnstorablePath(FacecliError):
    """The path {path} is not text in UTF-8, and the database cannot store it."""

    exit_code = Exit.USAGE
    code = "unstorable-path"
    remedy = "Rename it, then run the command again."


class UnreadableFolder(FacecliError):
    """The folder {path} cannot be searched for copies: {why}."""

    code = "unreadable-folder"
    remedy = "Let this user list it and open what is in it, then run the command again."


class CopyInTheMaking(FacecliError):
    """The backup {path} is being made now."""

    exit_code = Exit.PARTIAL
    code = "copy-in-the-making"
    remedy = "Run `facecli backup erase` on its folder when it is complete."


class CopyStays(FacecliError):
    """The backup {path} is no longer needed, and could not be removed: {why}."""

    exit_code = Exit.PARTIAL
    code = "copy-stays"
    remedy = "The new backup is complete. Let this user delete files there; the next run tries it."


class CopiesUnreached(FacecliError):
    """{copies} could not be reached by every erasure: {names}."""

    exit_code = Exit.PARTIAL
    code = "copies-unreached"
    remedy = (
        "Make each one readable and run `facecli backup erase`, or destroy it and run "
        "`facecli backup erase FILE --gone`."
    )


class TwoNames(FacecliError):
    """{path} has {links} names (hard links), and a database has one."""

    exit_code = Exit.SAFETY
    code = "two-names"
    remedy = (
        "Nothing was changed. Find the others with `find -samefile {path}`, and delete them; keep "
        "the name that has a file NAME-journal beside it, if one has."
    )


class MountedAlone(FacecliError):
    """{path} is mounted as a single file, so that its journal is in another folder."""

    exit_code = Exit.SAFETY
    code = "mounted-alone"
    remedy = "Nothing was changed. Mount the folder of the database instead."


class ForeignJournal(FacecliError):
    """{journal} does not fit {path}: {why}."""

    exit_code = Exit.SAFETY
    code = "foreign-journal"
    remedy = (
        "Nothing was changed. A write was cut short, and its file was renamed since. Put each file "
        "back beside the journal of its name, then run `facecli status`, which undoes the write."
    )


class NoJournal(ForeignJournal):
    """{journal} is not a regular file, and cannot be the journal of {path}."""

    code = "no-journal"
    remedy = "Nothing was changed. Move it away, then run the command again."


class NoLocks(FacecliError):
    """The file system of {path} cannot lock files: {why}."""

    code = "no-locks"
    remedy = (
        "Nothing was changed. Keep the database on a local disk; a network file system needs its "
        "lock service."
    )
