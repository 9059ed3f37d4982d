"""`facecli log checkpoint`: a seal to keep elsewhere, and the trust key."""

from __future__ import annotations

from facecli.audit import notes
from facecli.audit.checkpoints import open_checkpoint
from facecli.audit.trust_key import TrustKey
from facecli.keys.signing import VerifierKey


def test_the_trust_key_is_the_last_line_of_init_and_of_checkpoint(facecli):
    init = facecli("init")
    asked = facecli("log", "checkpoint", "--trust-key")
    assert (init.code, asked.code) == (0, 0)
    assert init.out == asked.out
    assert str(TrustKey.parse(asked.out)) + "\n" == asked.out
    assert facecli("log", "verify").code == 32  # nothing was sealed by asking
    quiet = facecli.bare(*facecli.globals, "-q", "log", "checkpoint", "--trust-key")
    assert (quiet.out, quiet.err) == (init.out, "")


def test_a_checkpoint_goes_to_stdout_or_to_a_file_and_covers_its_own_entry(facecli, tmp_path):
    key = TrustKey.parse(facecli("init").out)
    printed = facecli("log", "checkpoint")
    assert printed.code == 0
    identity = VerifierKey.parse(facecli("log", "checkpoint", "--vkey").out.strip())
    assert notes.parse(printed.out).is_signed_by(identity)  # as any C2SP tool reads it
    assert open_checkpoint(printed.out, key).size == 3
    kept = tmp_path / "seal"
    assert facecli("log", "checkpoint", "--output", kept).code == 0
    assert open_checkpoint(kept.read_bytes(), key).size == 4
    assert kept.stat().st_mode & 0o777 == 0o600


def test_where_it_cannot_be_written(facecli, tmp_path):
    facecli("init")
    assert facecli("log", "checkpoint", "--output", tmp_path / "no" / "seal").code == 74
    assert facecli("log", "checkpoint", "--output", "/dev/full").code == 74


def test_without_a_database(facecli):
    assert facecli("log", "checkpoint").code == 10
    assert facecli("log", "export").code == 10
    assert facecli("log", "verify").code == 10
