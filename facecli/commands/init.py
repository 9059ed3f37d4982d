"""`facecli init`: the database and its first key slot."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import click

from facecli.audit import sealing
from facecli.audit.entries import Act, actor
from facecli.cli.options import FILE, KEY_FILE, pass_settings
from facecli.cli.output import make_folder, print_text
from facecli.cli.session import Settings, clock, new_secret
from facecli.consent.text import check_name
from facecli.errors import AlreadyThere
from facecli.keys import slots, sources
from facecli.recognition import cards, choice, engine, trial
from facecli.store import database, files
from facecli.times import stamp


@click.command(
    epilog="Exit codes: 0 created; 1 there is something already, or the folder can be written by "
    "others; 2 usage; 12 no usable key."
)
@click.option("--key-file", type=KEY_FILE, metavar="FILE", help="Made with mode 0600 if missing.")
@click.option("--passphrase-file", metavar="FILE", help="Its first line is the passphrase.")
@click.option("--passphrase-command", metavar="CMD", help="It prints the passphrase.")
@click.option("--label", default="first", show_default=True, metavar="L",
              help="The first key slot's name.")  # fmt: skip
@click.option(
    "--engine",
    "engine_name",
    default=engine.DEFAULT,
    show_default=True,
    metavar="NAME|FILE.toml",
    shell_complete=lambda *_: engine.names(),
    help="The recognition engine that makes and compares templates; or a model card.",
)
@click.option("--calibration", type=FILE, metavar="FILE", help="Thresholds from evaluate "
              "--save-calibration, instead of the engine's own.")  # fmt: skip
@pass_settings
def command(
    settings: Settings,
    /,
    label: str,
    engine_name: str,
    calibration: Path | None,
    **key_options: str | Path | None,
) -> None:
    """Create the encrypted database and its first key slot.

    With a key file that does not exist, a random key is written there. Without any key option
    you are asked for a passphrase. The last line of stdout is the log's trust key: whoever is to
    audit the log keeps it.

    \b
    Example:
      facecli init --key-file facecli.key
    """
    given = {name: str(value) for name, value in key_options.items() if value is not None}
    settings.key_options = sources.merged(settings.key_options, given)
    label = check_name(label, "The label")
    spec = cards.choose(engine_name, calibration)
    _check_free(settings.db)
    if spec.card is not None:
        trial.check(spec)
    secret = _first_secret(settings)
    now = clock()
    key = slots.DatabaseKey.random()
    empty = slots.SlotFile(database_id=secrets.token_hex(16), slots=())
    slot_file, slot_key = empty.with_slot(label, secret, key, stamp(now))

    trust_keys = []

    def fill(db: database.Database) -> None:
        meta = {
            "database_id": slot_file.database_id,
            "created_at": stamp(now),
            "evidence_key": secrets.token_hex(32),
        }
        for name, value in meta.items():
            db.insert("meta", name=name, value=value)
        choice.keep(db, spec)
        db.insert("key_slot", label=label, slot_key=slot_key)
        act = Act(db, actor(label, os.environ), now)
        trust_keys.append(sealing.first_key(act, sealing.origin(slot_file.database_id)))
        act.record("init", details={"engine": spec.engine_id, "slot": label})

    slots.create(settings.db, slot_file)  # first: a database without slots is lost
    try:
        database.create(settings.db, key, fill)
    except BaseException:
        slots.slots_path(settings.db).unlink(missing_ok=True)
        raise
    settings.note(f"Created {settings.db} with the engine {spec.name} and the key slot {label!r}.")
    settings.note("Give the log's trust key, on the next line, to whoever is to audit it.")
    print_text(str(trust_keys[0]))


def _check_free(path: Path) -> None:
    """Refuse to overwrite anything, and make the default folder."""
    if path.exists():
        raise AlreadyThere(path=path)
    if slots.slots_path(path).exists():
        raise AlreadyThere(path=slots.slots_path(path))
    if not path.parent.exists():
        make_folder(path.parent)
    files.check_folder(path.parent)


def _first_secret(settings: Settings) -> slots.Secret:
    """The first slot's secret, from the key options."""
    source = sources.choose(settings.key_options, os.environ)
    return new_secret(settings, source)
