"""`facecli log checkpoint`: a seal to keep elsewhere, and the trust key."""

from __future__ import annotations

from pathlib import Path

from facecli.audit.checkpoints import checkpoint_note, open_seal, parse_trust_key
from tests.conftest import Facecli


def test_the_trust_key_is_the_last_line_of_init_and_of_checkpoint(facecli: Facecli) -> None:
    init = facecli("init")
    asked = facecli("log", "checkpoint", "--trust-key")
    assert (init.code, asked.code) == (0, 0)
    assert init.out == asked.out
    assert str(parse_trust_key(asked.out)) + "\n" == asked.out
    assert facecli("log", "verify").code == 32  # nothing was sealed by asking
    quiet = facecli.bare(*facecli.globals, "-q", "log", "checkpoint", "--trust-key")
    assert (quiet.out, quiet.err) == (init.out, "")


def test_a_checkpoint_goes_to_stdout_or_to_a_file_and_covers_its_own_entry(
    facecli: Facecli, tmp_path: Path
) -> None:
    key = parse_trust_key(facecli("init").out)
    printed = facecli("log", "checkpoint")
    assert printed.code == 0
    assert printed.out == checkpoint_note(printed.out)  # in epoch 0 any C2SP tool reads it
    assert open_seal(printed.out, key).checkpoint.size == 2
    kept = tmp_path / "seal"
    assert facecli("log", "checkpoint", "--output", kept).code == 0
    assert open_seal(kept.read_bytes(), key).checkpoint.size == 3
    assert kept.stat().st_mode & 0o777 == 0o600


def test_where_it_cannot_be_written(facecli: Facecli, tmp_path: Path) -> None:
    facecli("init")
    assert facecli("log", "checkpoint", "--output", tmp_path / "no" / "seal").code == 74
    assert facecli("log", "checkpoint", "--output", "/dev/full").code == 74


def test_without_a_database(facecli: Facecli) -> None:
    assert facecli("log", "checkpoint").code == 10
    assert facecli("log", "export").code == 10
    assert facecli("log", "verify").code == 10
