"""Errors of keys, key sources and key slots."""

from __future__ import annotations

from facecli.errors.base import Exit, FacecliError, Unknown
from facecli.errors.command_line import OutputFailed
from facecli.errors.store import UnsafePermissions


class UnsafeKeyFile(UnsafePermissions):
    """The key file {path} can be {verb} by others than its owner (mode {mode})."""

    exit_code = Exit.KEY
    code = "unsafe-key-file"


class NoKey(FacecliError):
    """No key was given for {path}."""

    exit_code = Exit.KEY
    code = "no-key"
    remedy = (
        "Give one with --key-file, --passphrase-file or --passphrase-command, or run the command "
        "on a terminal, which asks for a passphrase."
    )


class WrongKey(FacecliError):
    """The key does not open {path}."""

    exit_code = Exit.KEY
    code = "wrong-key"
    remedy = "Find the key file or passphrase that belongs to it; `{path}.keys` names the slots."


class UnusableKey(FacecliError):
    """The key from {source} is not usable: {why}."""

    exit_code = Exit.KEY
    code = "unusable-key"
    remedy = "Nothing was opened; correct the key source and try again."


class NoSlots(FacecliError):
    """The key slots {path} are {why}."""

    exit_code = Exit.KEY
    code = "no-slots"
    remedy = (
        "Restore the file of that name from a backup. Without it the database cannot be opened."
    )


class SameSecret(FacecliError):
    """That secret already opens the key slot {label}."""

    code = "same-secret"
    remedy = "Give the new slot a key file or passphrase of its own."


class DuplicateSlot(FacecliError):
    """A key slot {label} exists already."""

    code = "duplicate-slot"
    remedy = "Choose another --label, or remove that slot first."


class LastSlot(FacecliError):
    """{label} is the last key slot: without it nobody could open the database."""

    code = "last-slot"
    remedy = "Add another one first with `facecli key add`."


class NoSuchSlot(Unknown):
    """There is no key slot {name}."""

    remedy = "List the key slots with `facecli key list`."


class OldKeyLeft(OutputFailed):
    """The database is under a new key, but the old one is still in {path}: {why}."""

    code = "old-key-left"
    remedy = "{Cure}; the next command removes it."


class SlotsAltered(FacecliError):
    """Slots in the file {path} were altered, and open nothing: {names}."""

    exit_code = Exit.PARTIAL
    code = "slots-altered"
    remedy = "Restore the slots file as it was, or remove each with `facecli key remove`."
