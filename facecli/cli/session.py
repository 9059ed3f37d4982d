"""Open the database with the key that the options name. Only this file reads the clock."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from facecli.audit.entries import Act, Actor, acting, actor
from facecli.cli.output import note
from facecli.consent import subject_states, subjects
from facecli.errors.base import Exit, FacecliError
from facecli.errors.keys import UnusableKey
from facecli.keys import slots, sources
from facecli.store import keyring, opening, time_reached
from facecli.store.database import Database
from facecli.times import stamp

if TYPE_CHECKING:
    from facecli.cli.config_settings import Config

SHORT_PASSPHRASE = 12  # characters
SLIGHTLY = timedelta(minutes=5)  # as a clock that is being synchronised may go back
NOT_PERMITTED = "not-permitted"  # why a search for one subject was refused, in the log
LOGGED_REFUSALS = {Exit.NO_CONSENT, Exit.UNKNOWN, Exit.SAFETY}


def clock() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


@dataclass
class Settings:
    """The global options. Key options name the source of a key, and never hold a secret.

    config: the configuration file, if there is one. begun: the words of the command, once it has
    begun. counts: what it did, in numbers, for a hook.
    """

    db: Path
    key_options: dict[str, str | None] = field(default_factory=dict)
    config: Config | None = None
    no_input: bool = False
    quiet: bool = False
    verbose: bool = False
    lock_wait: float = 30.0
    begun: str = ""
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def key_source(self) -> sources.KeySource | None:
        """The source of the key: command line, environment or configuration; None: the terminal."""
        return sources.choose(self.key_options, os.environ, self.key_defaults)

    @property
    def key_defaults(self) -> Mapping[str, str]:
        """The key option that the configuration states."""
        return self.config.key_options if self.config is not None else {}

    @property
    def interactive(self) -> bool:
        """True if facecli may ask a question on the terminal."""
        return not self.no_input and sys.stdin is not None and sys.stdin.isatty()

    def detail(self, text: str) -> None:
        """Print a line on stderr, only with `-v`."""
        if self.verbose:
            note(text)

    def note(self, text: str) -> None:
        """Print a line on stderr, unless `-q` was given."""
        if not self.quiet:
            note(text)


@dataclass
class Session:
    """An open database, and the actor who opened it."""

    settings: Settings
    db: Database
    actor: Actor
    secret: slots.Secret
    unlocked: slots.Unlocked

    @property
    def now(self) -> str:
        """The time now, as RFC 3339 text in UTC."""
        return stamp(clock())

    def act(self) -> AbstractContextManager[Act]:
        """Return a transaction in which one act and its log entry commit together.

        It records first what ended by itself meanwhile: holds, and minorities.
        """
        return _acting(self.db, self.actor, clock())

    def settle(self) -> None:
        """Record what ended by itself, if there is any, before something is decided."""
        if subject_states.is_unsettled(self.db, self.now):
            with self.act():
                pass

    def act_in(self, copy: Database) -> Act:
        """Return an act in a copy of the database. It must not be logged there."""
        return Act(copy, self.actor, clock())

    def recording(self) -> Act:
        """Return an act for a log entry in a transaction that is already open."""
        return Act(self.db, self.actor, clock())


@contextmanager
def _acting(db: Database, who: Actor, at: datetime) -> Iterator[Act]:
    with acting(db, who, at) as act:
        subject_states.settle(act)
        yield act


@contextmanager
def session(
    settings: Settings,
    action: str,
    *,
    search: str | None = None,
    exclusive: bool = False,
    guarded: bool = False,
) -> Iterator[Session]:
    """Open the database with the key that the settings name.

    Args:
        action: the command's name in the log, as `noun.verb`. A refusal is logged under it.
        search: the purpose of a search, whose refusal is logged without a subject.
        exclusive: refuse while another process has the database open. A change of key slots or
            of the file itself needs this.
        guarded: keep keys out of memory that can be swapped, see `Database`.

    Raises:
        FacecliError: any error of `keys` and `store`.
    """
    with opening.opened(
        settings.db,
        partial(find_secret, settings),
        settings.lock_wait,
        exclusive=exclusive,
        guarded=guarded,
    ) as (db, secret, unlocked):
        keyring.settle(db, unlocked)
        subjects.complete_skeletons(db)
        settings.detail(f"Opened {settings.db} with the key slot {unlocked.label!r}.")
        opened = Session(settings, db, actor(unlocked.label, os.environ), secret, unlocked)
        _warn_of_clock(opened)
        try:
            yield opened
        except FacecliError as error:
            if error.exit_code in LOGGED_REFUSALS:
                _log_refusal(opened, action, error, search)
            raise


@contextmanager
def looking(settings: Settings, *, read_only: bool = True) -> Iterator[tuple[Database, str]]:
    """Open the database for reading only. Nothing is written, completed or logged.

    Args:
        read_only: False lets the caller write what is no act, and brings the schema forward.

    Yields:
        The database and the time now.

    Raises:
        CutShort: an interrupted write must be undone before anything can be read.
        FacecliError: any other error of `keys` and `store`.
    """
    with opening.opened(
        settings.db, partial(find_secret, settings), settings.lock_wait, read_only=read_only
    ) as (db, _, _):
        yield db, stamp(clock())


def _warn_of_clock(opened: Session) -> None:
    last = time_reached.reached(opened.db)
    if last > stamp(clock() + SLIGHTLY):
        opened.settings.note(
            f"The clock shows {opened.now}, but the log has reached {last}. Everything that ended "
            "by then stays ended. Correct the clock, or see --trust-clock in "
            "`facecli purge --help`."
        )


@contextmanager
def new_secret(settings: Settings, source: sources.KeySource | None) -> Iterator[slots.Secret]:
    """Give the secret of a new slot: from its source, or typed twice on the terminal.

    A key file that does not exist is created. If the block fails, it is removed again.
    """
    if source is None and settings.interactive:
        yield _warned(settings, _typed_twice())
        return
    made = _create_key_file(settings, source) if source is not None else None
    try:
        yield _warned(settings, sources.obtain(source, None, settings.db, settings.note))
    except BaseException:
        if made is not None:
            made.unlink(missing_ok=True)
            settings.note(f"Removed the new key file {made} again; nothing needs it.")
        raise


def _warned(settings: Settings, secret: slots.Secret) -> slots.Secret:
    """Return the secret. Warn if it is a short passphrase."""
    if secret.kind == "passphrase" and len(secret.value.decode()) < SHORT_PASSPHRASE:
        settings.note(
            f"The passphrase has fewer than {SHORT_PASSPHRASE} characters. Anyone who copies the "
            "slots file can guess it. Add a slot with a longer one, and remove this slot."
        )
    return secret


def _typed_twice() -> slots.Secret:
    passphrase = ask_passphrase("New passphrase: ")
    if not passphrase or ask_passphrase("Repeat the passphrase: ") != passphrase:
        raise UnusableKey(source="the terminal", why="the two passphrases differ or are empty")
    return slots.Secret("passphrase", passphrase.encode())


def _create_key_file(settings: Settings, source: sources.KeySource) -> Path | None:
    """Create a key file that does not exist. Return its path, or None if nothing was created."""
    path = Path(source.value)
    if source.option not in sources.OPTIONS["key_file"] or path.exists():
        return None
    sources.create_key_file(path)
    settings.note(f"Wrote a new random key to {path}; keep a copy apart from the database.")
    return path


def find_secret(settings: Settings, path: Path | None = None) -> slots.Secret:
    """Return the secret that opens the database, or the backup at `path`."""
    source = settings.key_source
    prompt = ask_passphrase if settings.interactive else None
    return sources.obtain(source, prompt, path or settings.db, settings.note)


def ask_passphrase(question: str = "Passphrase: ") -> str:
    """Ask for a passphrase on the terminal, without echo."""
    import getpass

    try:
        return getpass.getpass(question)
    except EOFError:
        raise UnusableKey(source="the terminal", why="nothing was typed") from None


def _log_refusal(opened: Session, action: str, error: FacecliError, search: str | None) -> None:
    if opened.db.in_transaction:
        return
    with opened.act() as act:
        if search is not None:
            _record_refused_search(act, action, error, search)
            return
        purpose = error.details.get("purpose")
        act.record(
            action,
            "refused",
            subject_id=_pseudonym(opened.db, error),
            purpose=str(purpose) if purpose is not None else None,
            details={"reason": error.reason},
        )


def _record_refused_search(act: Act, action: str, error: FacecliError, search: str) -> None:
    """Log the refusal of a search. Whatever depends on the subject has one and the same reason:
    with a reason of their own, the only subject under a hold could be told from the entry."""
    from facecli.consent import purposes  # a purge starts quicker without

    about_subject = "ref" in error.details or error.details.get("kind") == "subject"
    known = purposes.find_any(act.db, search) is not None
    act.record(
        action,
        "refused",
        purpose=search if known else None,
        details={"reason": NOT_PERMITTED if about_subject else error.reason},
    )


def _pseudonym(db: Database, error: FacecliError) -> str | None:
    ref = error.details.get("ref")
    if ref is None:
        return None
    return subjects.pseudonym_of(db, str(ref))
