"""`facecli init`: the database and its first key slot."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import click

from facecli.audit import sealing
from facecli.audit.entries import Act, actor
from facecli.cli import config
from facecli.cli.files import make_folder
from facecli.cli.options import FILE, KEY_FILE, pass_settings, views
from facecli.cli.output import already_done, print_text
from facecli.cli.session import Settings, clock, new_secret
from facecli.consent import dates
from facecli.consent.text import check_name
from facecli.errors.command_line import BadInput
from facecli.errors.store import AlreadyThere
from facecli.keys import slots, sources
from facecli.recognition.engines import availability, engine, model_card, of_database
from facecli.recognition.engines.engine import EngineSpec
from facecli.store import files, keyring, meta, opening, system
from facecli.store.database import Database
from facecli.times import stamp


@click.command(
    epilog="Exit codes: 0 created, or with --system there already; 1 a file exists there already, "
    "the folder can be written by others, or --system without root or without that user; 2 usage; "
    "12 no usable key; 74 the files could not be written; 75 created, but the trust key "
    "could not be printed."
)
@click.option(
    "--key-file", type=KEY_FILE, metavar="FILE", help="Key file; created with mode 0600 if missing."
)
@click.option("--passphrase-file", metavar="FILE", help="File whose first line is the passphrase.")
@click.option("--passphrase-command", metavar="CMD", help="Command that prints the passphrase.")
@click.option("--label", default="first", show_default=True, metavar="L",
              help="Name of the first key slot.")  # fmt: skip
@click.option(
    "--engine",
    "engine_name",
    default=engine.DEFAULT,
    show_default=True,
    metavar="NAME|FILE.toml",
    shell_complete=lambda *_: engine.names(),
    help="Recognition engine that makes and compares templates, or a model card.",
)
@views(engine.MOST_VIEWS)
@click.option("--calibration", type=FILE, metavar="FILE", help="Thresholds from evaluate "
              "--save-calibration, instead of the engine's own.")  # fmt: skip
@click.option("--system", "for_system", is_flag=True,
              help="As root, for the whole machine: database in /var/lib/facecli, key file and "
              "configuration in /etc/facecli, owned by a system user.")  # fmt: skip
@click.option("--user", default=system.USER, show_default=True, metavar="NAME",
              help="With --system: their owner.")  # fmt: skip
@pass_settings
def command(
    settings: Settings,
    /,
    label: str,
    engine_name: str,
    views: int | None,
    calibration: Path | None,
    for_system: bool,
    user: str,
    **key_options: str | Path | None,
) -> None:
    """Create the encrypted database and its first key slot.

    A key file that does not exist is created with a random key. Without a key option, facecli asks
    for a passphrase. The last line of stdout is the log's trust key. Give it to the auditor of
    the log.

    With --system, only their owner can read the database and the key file. The example timers and
    cron lines use these places; --db and a key option name others. /etc/facecli/config.toml then
    names them, so that `sudo facecli status` works as typed, unless it is there or --config names
    another. A second run corrects the folders and leaves an existing database unchanged.

    \b
    Examples:
      facecli init --key-file facecli.key
      facecli init --system
    """
    given = {name: str(value) for name, value in key_options.items() if value is not None}
    settings.key_options = sources.merged(settings.key_options, given)
    label = check_name(label, "The label")
    spec = model_card.choose(engine_name, calibration, views)
    if not for_system:
        _create(settings, label, spec)
        return
    owner, key = _prepare(settings, user)
    files_made = [settings.db, slots.slots_path(settings.db)]
    if all(path.exists() for path in files_made):
        settings.note(f"{settings.db} exists; only its owner was corrected.")
    else:
        _create(settings, label, spec)
    for path in [*files_made, *([key] if key is not None else [])]:
        system.give(path, owner)
    _write_configuration(settings)
    settings.note(f"Work as its owner: sudo -u {owner.name} facecli ...")


def _named_configuration() -> bool:
    """Return True if the user named a configuration, which counts instead of the machine's."""
    return click.get_current_context().find_root().params.get("config") is not None


def _write_configuration(settings: Settings) -> None:
    """State the places of the machine's database and key, so that no command must name them."""
    if _named_configuration():
        return
    stated = {"db": str(settings.db)}
    source = settings.key_source
    if source is not None:
        stated |= {
            name: source.value if name == "passphrase_command" else os.path.abspath(source.value)
            for name, options in sources.OPTIONS.items()
            if source.option in options and source.value != "-"
        }
    if config.write_system(stated):
        settings.note(f"Wrote {config.SYSTEM}, which names the database and its key.")
    elif settings.config is None or settings.config.db != settings.db:
        settings.note(f'{config.SYSTEM} is there and was not changed: add db = "{settings.db}".')


def _prepare(settings: Settings, user: str) -> tuple[system.Account, Path | None]:
    """Choose the places of the machine's database and key file, and make their folders."""
    owner = system.account(user)
    context = click.get_current_context().parent
    own = settings.config is not None and settings.config.path != config.SYSTEM
    if own and not _named_configuration():
        settings.config = None  # the defaults of root's own databases
    if context is None or context.params.get("db") is None:
        stated = settings.config.db if settings.config is not None else None
        settings.db = stated or system.DATABASE
    if settings.key_source is None:
        settings.key_options = {**settings.key_options, "key_file": str(system.KEY_FILE)}
    source = settings.key_source
    key = None
    if source is not None and source.option in sources.OPTIONS["key_file"]:
        key = Path(source.value).absolute()
        if key.parent == settings.db.parent:
            raise BadInput(what=f"The key file {key}", why="it would lie beside the database")
    system.prepare(settings.db.parent, owner)
    if key is not None:
        _prepare_key_folder(key, owner)
    return owner, key


def _prepare_key_folder(key: Path, owner: system.Account) -> None:
    """Make the folder of a key file that is not there. Let every user read the configuration."""
    of_configuration = key.parent == config.SYSTEM.parent
    if not key.exists() or (of_configuration and key.parent.stat().st_uid == owner.uid):
        mode = system.READABLE if of_configuration else system.PRIVATE
        system.prepare(key.parent, owner, config.SYSTEM, mode)


def _create(settings: Settings, label: str, spec: EngineSpec) -> None:
    _check_free(settings.db)
    if spec.card is not None:
        availability.check_loads(spec)
    with new_secret(settings, settings.key_source) as secret:
        trust_key = _create_files(settings.db, secret, label, spec)
    settings.note(f"Created {settings.db} with the engine {spec.name} and the key slot {label!r}.")
    settings.note("Give the log's trust key, on the next line, to the auditor of the log.")
    with already_done():
        print_text(trust_key)


def _create_files(path: Path, secret: slots.Secret, label: str, spec: EngineSpec) -> str:
    """Create the slots file and the database, or neither. Return the log's trust key."""
    now = clock()
    key = slots.DatabaseKey.random()
    empty = slots.SlotFile(database_id=secrets.token_hex(16), slots=())
    slot_file, slot_key = empty.with_slot(label, secret, key, stamp(now))
    trust_keys = []

    def fill(db: Database) -> None:
        meta.put(db, "database_id", slot_file.database_id)
        meta.put(db, "created_at", stamp(now))
        meta.put(db, dates.NAME, dates.machine_zone(os.environ))
        of_database.set_engine(db, spec)
        keyring.put_slot(db, label, slot_key)
        act = Act(db, actor(label, os.environ), now)
        trust_keys.append(sealing.first_key(act, sealing.origin(slot_file.database_id)))
        act.record("init", details={"engine": spec.engine_id, "slot": label})

    slots.create(path, slot_file)  # first: a database without slots is lost
    try:
        opening.create(path, key, fill)
    except BaseException:
        slots.slots_path(path).unlink(missing_ok=True)
        raise
    return str(trust_keys[0])


def _check_free(path: Path) -> None:
    """Refuse to overwrite a file, and make the default folder."""
    if path.exists():
        raise AlreadyThere(path=path)
    if slots.slots_path(path).exists():
        raise AlreadyThere(path=slots.slots_path(path))
    if not path.parent.exists():
        make_folder(path.parent)
    files.check_folder(path.parent)
