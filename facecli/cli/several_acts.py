"""Work of several acts, each of which is committed by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from facecli.audit.entries import Act
from facecli.errors.base import Exit, FacecliError
from facecli.errors.command_line import HalfDone, OutputFailed, StoppedUnreported


@contextmanager
def several_acts() -> Iterator[None]:
    """Run work that can be repeated: what is done is passed over then, or made again.

    Raises:
        HalfDone: an unexpected fault ended it after at least one of its acts.
        StoppedUnreported: its output could not be written after at least one of its acts.
    """
    before = Act.committed
    try:
        yield
    except OutputFailed as error:
        if Act.committed == before or error.exit_code == Exit.UNREPORTED:
            raise
        raise StoppedUnreported(**{"why": "the reader closed the pipe", **error.details}) from None
    except (FacecliError, click.ClickException, click.exceptions.Exit, click.Abort, OSError):
        raise
    except Exception as error:
        if Act.committed == before:
            raise
        raise HalfDone(fault=type(error).__name__) from error
