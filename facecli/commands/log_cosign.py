"""`facecli log cosign`: witness the checkpoints of logs, by files."""

from __future__ import annotations

import fcntl
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from facecli.audit import witnesses
from facecli.audit.checkpoints import open_checkpoint, stated_trust_key
from facecli.audit.links import Link
from facecli.audit.trust_key import TrustKey
from facecli.audit.verifier_files import CHECKPOINT, LINK, content, unusable
from facecli.audit.witnesses import Seen, WitnessKey
from facecli.cli.files import durable_output
from facecli.cli.options import FILE, KEY_FILE, pass_settings
from facecli.cli.output import print_text
from facecli.cli.session import Settings, clock
from facecli.errors.audit import LogAltered
from facecli.errors.command_line import BadInput
from facecli.errors.store import UnsafePermissions
from facecli.keys.signing import SigningKey


@click.command(
    epilog="Exit codes: 0 cosigned; 1 an input is unusable; 2 usage; 30 a fork, or a damaged "
    "checkpoint; 31 it is smaller than one seen before; 32 no link leads from the one seen before; "
    "74 output."
)
@click.argument("checkpoint", type=FILE, required=False)
@click.option("--key", "key_file", type=KEY_FILE, required=True, metavar="FILE",
              help="The witness's secret key; made with mode 0600 if missing.")  # fmt: skip
@click.option("--name", metavar="N", help="The name of a key that is made.  [default: the host's]")
@click.option("--state", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="The folder that keeps what was seen of each log; made if missing.")  # fmt: skip
@click.option("--since", type=FILE, metavar="LINK",
              help="The link from the last one seen (`log checkpoint --since`).")  # fmt: skip
@click.option("--trust-key", "trust", metavar="K",
              help="The log's trust key.  [default: the first one seen]")  # fmt: skip
@click.option("--vkey", "only_vkey", is_flag=True, help="Print the witness's public key.")
@pass_settings
def cosign(
    settings: Settings,
    checkpoint: Path | None,
    key_file: Path,
    name: str | None,
    state: Path | None,
    since: Path | None,
    trust: str | None,
    only_vkey: bool,
) -> None:
    """Cosign a checkpoint that goes on from the last one seen, and print the line to append to it.

    Needs no database. A checkpoint of another history of the same log, or of a shorter one, is
    refused.

    \b
    Examples:
      facecli log cosign --key witness.key --vkey
      facecli log cosign seal --key witness.key --state seen --since link
    """
    key = _secret(settings, key_file, name)
    if only_vkey:
        print_text(str(WitnessKey(key.name, key.verifier().public)))
        return
    if checkpoint is None or state is None:
        raise click.UsageError("give CHECKPOINT and --state")
    text = content(checkpoint, CHECKPOINT)
    trusted = stated_trust_key(text) if trust is None else TrustKey.parse(trust)
    opened = open_checkpoint(text, trusted)
    link = None if since is None else Link.parse(content(since, LINK), str(since))
    with _locked(state):
        place = state / witnesses.file_name(trusted.name)
        seen = _seen(settings, place, trusted, given=trust is not None)
        line, after = witnesses.cosign(key, opened, seen, link, int(clock().timestamp()))
        with durable_output(place) as stream:  # before the line leaves
            stream.write(after.to_bytes())
    print_text(line.rstrip("\n"))


def _secret(settings: Settings, path: Path, name: str | None) -> SigningKey:
    """Read the witness's secret key, or make one."""
    if path.exists():
        with unusable(path):
            mode = path.stat().st_mode & 0o777
            if mode & 0o077:
                raise UnsafePermissions(path=path, verb="read", mode=f"{mode:o}", chmod="600")
            return witnesses.read_secret(path.read_text(encoding="utf-8", errors="replace"))
    try:
        key = SigningKey.generate(name or platform.node() or "witness")
    except ValueError as error:
        raise BadInput(what="--name", why=str(error)) from None
    with durable_output(path) as stream:
        stream.write(witnesses.write_secret(key).encode())
    public = WitnessKey(key.name, key.verifier().public)
    settings.note(f"Made {path}. Publish this witness's key: {public}")
    return key


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other processes from using the same state meanwhile."""
    with unusable(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _seen(settings: Settings, place: Path, trusted: TrustKey, *, given: bool) -> Seen:
    """Return the state that was kept of this log, or a first one."""
    if not place.exists():
        if not given:
            settings.note(f"First checkpoint of this log. Compare its trust key: {trusted}")
        return Seen(trusted)
    with unusable(place):
        seen = Seen.parse(place.read_bytes(), str(place))
    if seen.trust_key != trusted:
        raise LogAltered(why="its trust key is another one than that of the checkpoint seen before")
    return seen
