"""The question before what cannot be undone."""

from __future__ import annotations

import click

from facecli.cli.session import Settings
from facecli.errors.erasure import Declined, NotConfirmed


def confirm(settings: Settings, question: str, *, yes: bool) -> None:
    """Ask on a terminal, unless `yes` answers already.

    Raises:
        NotConfirmed: there is no terminal to ask on.
        Declined: the answer is no.
    """
    if yes:
        return
    if not settings.interactive:
        raise NotConfirmed()
    if not click.confirm(question, err=True):
        raise Declined()
