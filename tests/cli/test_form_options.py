"""The options about a signed form: what they read, and what they need."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click
import pytest

from facecli.cli.form_options import form_of
from facecli.consent.agreements import Evidence
from facecli.errors.command_line import BadInput


def test_a_form_is_read_once(tmp_path: Path) -> None:
    form = tmp_path / "form.pdf"
    form.write_bytes(b"signed")
    digest = hashlib.sha256(b"signed").hexdigest()
    assert form_of(form, keep=False, shared=None) == Evidence(digest, None)
    assert form_of(form, keep=True, shared="a family") == Evidence(digest, b"signed", "a family")
    assert form_of(None, keep=False, shared=None) is None
    with pytest.raises(BadInput, match="no such file"):
        form_of(tmp_path / "none.pdf", keep=False, shared=None)


@pytest.mark.parametrize(("keep", "shared"), [(True, None), (False, "a family"), (False, "")])
def test_what_is_said_of_a_form_needs_the_form(keep: bool, shared: str | None) -> None:
    with pytest.raises(click.UsageError, match="need --evidence"):
        form_of(None, keep=keep, shared=shared)
