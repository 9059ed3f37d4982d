"""`facecli log checkpoint`: a seal to keep elsewhere, and the trust key."""

from __future__ import annotations

from pathlib import Path

from facecli.audit import notes
from facecli.audit.checkpoints import open_checkpoint
from facecli.audit.links import Link
from facecli.audit.trust_key import TrustKey
from facecli.keys.signing import VerifierKey
from tests.conftest import Facecli


def test_the_trust_key_is_the_last_line_of_init_and_of_checkpoint(facecli: Facecli) -> None:
    init = facecli("init")
    asked = facecli("log", "checkpoint", "--trust-key")
    assert (init.code, asked.code) == (0, 0)
    assert init.out == asked.out
    assert str(TrustKey.parse(asked.out)) + "\n" == asked.out
    assert facecli("log", "verify").code == 32  # nothing was sealed by asking
    quiet = facecli.bare(*facecli.globals, "-q", "log", "checkpoint", "--trust-key")
    assert (quiet.out, quiet.err) == (init.out, "")


def test_a_checkpoint_goes_to_stdout_or_to_a_file_and_covers_its_own_entry(
    facecli: Facecli, tmp_path: Path
) -> None:
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


def test_where_it_cannot_be_written(facecli: Facecli, tmp_path: Path) -> None:
    facecli("init")
    assert facecli("log", "checkpoint", "--output", tmp_path / "no" / "seal").code == 74
    assert facecli("log", "checkpoint", "--output", "/dev/full").code == 74


def test_without_a_database(facecli: Facecli) -> None:
    assert facecli("log", "checkpoint").code == 10
    assert facecli("log", "export").code == 10
    assert facecli("log", "verify").code == 10


def test_an_older_checkpoint_is_replaced_only_if_the_log_extends_it(
    facecli: Facecli, tmp_path: Path
) -> None:
    facecli("init")
    kept = tmp_path / "seal"
    write = ("log", "checkpoint", "--output", kept)
    assert facecli(*write).code == 0
    before = facecli.db.read_bytes()
    assert facecli(*write).code == 0
    later = kept.read_bytes()
    facecli.db.write_bytes(before)
    refused = facecli(*write)
    assert refused.code == 31
    assert kept.read_bytes() == later
    kept.write_bytes(b"")
    assert facecli(*write).code == 0


def test_another_file_of_facecli_is_not_replaced(facecli: Facecli, tmp_path: Path) -> None:
    facecli("init")
    out, cursor = tmp_path / "log.jsonl", tmp_path / "at"
    assert facecli("log", "export", "--output", out, "--cursor-file", cursor).code == 0
    for path in (out, cursor):
        before = path.read_bytes()
        assert facecli("log", "checkpoint", "--output", path).code == 2
        assert path.read_bytes() == before


def test_a_link_leads_from_what_was_kept_to_a_new_checkpoint(
    facecli: Facecli, tmp_path: Path
) -> None:
    key = TrustKey.parse(facecli("init").out)
    kept = tmp_path / "seal"
    assert facecli("log", "checkpoint", "--output", kept).code == 0
    facecli("subject", "add", "A-1")
    done = facecli("log", "checkpoint", "--since", kept)
    assert done.code == 0
    link = Link.parse(done.out.encode(), "link")
    old, new = (open_checkpoint(text, key) for text in (kept.read_bytes(), link.checkpoint))
    assert (link.old, new.size) == (3, 5)
    assert link.leads_from(old.size, old.root, new)
    for content in (b"", b"nonsense", done.out.encode()):
        kept.write_bytes(content)
        assert facecli("log", "checkpoint", "--since", kept).code == 1
    assert facecli("log", "checkpoint", "--since", kept, "--vkey").code == 2


def test_a_link_between_a_certificate_and_a_checkpoint_that_was_kept(
    facecli: Facecli, tmp_path: Path
) -> None:
    key = facecli("init").out.strip()
    early, late, paper, link = (tmp_path / name for name in ("early", "late", "paper", "link"))
    facecli("log", "checkpoint", "--output", early)
    facecli("subject", "add", "A-1")
    facecli("revoke", "A-1", "--yes", "--certificate", paper)
    facecli("log", "checkpoint", "--output", late)
    for kept, ends in ((early, (early, paper)), (late, (paper, late))):
        made = ("log", "checkpoint", "--since", ends[0], "--to", ends[1], "--output", link)
        assert facecli(*made).code == 0
        asked = ("log", "verify", "--certificate", paper, "--checkpoint", kept, "--trust-key", key)
        assert facecli.bare(*asked).code == 32
        assert facecli.bare(*asked, "--link", link).code == 0
    texts = late.read_text(), facecli("log", "checkpoint").out
    sizes = [open_checkpoint(text, TrustKey.parse(key)).size for text in texts]
    assert sizes[1] == sizes[0] + 1  # a link between two kept ones is no act


def test_a_link_between_kept_checkpoints_is_refused(facecli: Facecli, tmp_path: Path) -> None:
    facecli("init")
    early, late = tmp_path / "early", tmp_path / "late"
    facecli("log", "checkpoint", "--output", early)
    before = facecli.db.read_bytes()
    facecli("log", "checkpoint", "--output", late)
    between = ("log", "checkpoint", "--since")
    assert facecli(*between, late, "--to", early).code == 2
    assert facecli(*between, early, "--to", late, "--output", late).code == 2
    assert facecli("log", "checkpoint", "--to", late).code == 2
    facecli.db.write_bytes(before)
    for order in ((early, "--to", late), (late, "--to", early)):
        assert facecli(*between, *order).code == 31
