"""The options about a signed form and the notice, which `consent record` and `enroll` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from facecli.cli.options import FILE
from facecli.consent.agreements import Evidence, read_evidence

NOTICE_SHOWN = click.option(
    "--notice-shown", is_flag=True,
    help="Confirm that the subject has read the notice and agreed.",
)  # fmt: skip
NOTICE_LANG = click.option(
    "--notice-lang", metavar="L",
    help="The language of the notice that was shown, such as zh.  [default: its first]",
)  # fmt: skip
OFFERED_ALTERNATIVE = click.option(
    "--offered-alternative", is_flag=True,
    help="Confirm that the way without the face was offered.",
)  # fmt: skip
_FORM_OPTIONS = (
    click.option("--evidence", type=FILE, metavar="FILE", help="The signed consent form."),
    click.option("--keep-evidence", is_flag=True,
                 help="Store the form itself, not only its SHA-256."),
    click.option("--shared-form", metavar="REASON",
                 help="Why the form covers several people. Without this, a form counts once."),
    NOTICE_SHOWN,
    NOTICE_LANG,
)  # fmt: skip


def about_the_form(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options about the signed form and the notice."""
    for option in reversed(_FORM_OPTIONS):
        command = option(command)
    return command


def form_of(evidence: Path | None, keep: bool, shared: str | None) -> Evidence | None:
    """Return the form that the options `about_the_form` name, or None.

    Raises:
        BadInput: it cannot be read.
        click.UsageError: the others are given without --evidence.
    """
    if evidence is not None:
        return read_evidence(evidence, keep=keep, shared=shared)
    if keep or shared is not None:
        raise click.UsageError("--keep-evidence and --shared-form need --evidence")
    return None
