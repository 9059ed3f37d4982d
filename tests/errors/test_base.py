"""Errors: a message, a remedy, an exit code and a reason, which survive a pickle."""

from __future__ import annotations

import errno
import importlib
import pickle
import pkgutil

import pytest

from facecli import errors
from facecli.errors.base import Exit, FacecliError, NotWritten, Unknown, because


def every_error() -> list[type[FacecliError]]:
    for one in pkgutil.iter_modules(errors.__path__):
        importlib.import_module(f"facecli.errors.{one.name}")
    found, ahead = [], [FacecliError]
    while ahead:
        kind = ahead.pop()
        found.append(kind)
        ahead += kind.__subclasses__()
    return [kind for kind in found if kind.__module__.startswith("facecli.")]


def test_a_message_and_a_remedy_are_filled_in() -> None:
    error = Unknown(kind="purpose", name="gate")
    assert str(error) == "There is no purpose gate. List all with `facecli purpose list`."
    assert (error.reason, error.exit_code) == ("unknown", 21)


def test_the_detail_reason_replaces_the_code() -> None:
    assert FacecliError(message="x", reason="no-face").reason == "no-face"


def test_an_error_survives_a_pickle() -> None:
    error = NotWritten(path="a", **because(OSError(errno.ENOSPC, "No space left on device")))
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.details) == (NotWritten, str(error), error.details)


@pytest.mark.parametrize("number", [*NotWritten.CURES, errno.ENOMEM, None])
def test_a_failure_to_write_has_a_remedy_for_its_reason(number: int | None) -> None:
    hint = NotWritten(path="a", why="b", errno=number).hint
    assert hint[0].isupper()
    assert hint.endswith("then run the command again.")
    assert "{" not in hint


def test_because_names_the_reason_of_the_system() -> None:
    assert because(OSError(errno.EROFS, "Read-only file system")) == {
        "why": "read-only file system",
        "errno": errno.EROFS,
    }
    assert because(OSError())["why"] == "unknown error"


def test_every_exit_code_is_a_number_with_a_meaning() -> None:
    assert all(code.meaning and 0 <= code < 256 for code in Exit)
    assert len({int(code) for code in Exit}) == len(Exit)


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_message_a_kebab_case_reason_and_an_exit_code(
    kind: type[FacecliError],
) -> None:
    assert kind.__doc__
    assert kind.code == kind.code.lower().replace("_", "-").replace(" ", "-")
    assert kind.exit_code in Exit
    assert kind.exit_code != Exit.OK
