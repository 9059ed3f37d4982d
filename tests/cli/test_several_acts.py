"""Work of several acts: a fault after one of them is no success; before it, nothing changed."""

from __future__ import annotations

import pytest

from facecli.audit.entries import Act
from facecli.cli.several_acts import several_acts
from facecli.errors.base import FacecliError
from facecli.errors.command_line import (
    HalfDone,
    Interrupted,
    OutputFailed,
    ReaderGone,
    StoppedUnreported,
    Unreported,
)


def run(acts: int, fault: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commit as many acts, then fail."""
    monkeypatch.setattr(Act, "committed", Act.committed)
    with several_acts():
        Act.committed += acts
        raise fault


def test_a_fault_after_an_act_asks_to_run_the_command_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(HalfDone, match=r"\(ValueError\).*Run the command again") as ended:
        run(1, ValueError("MARKED"), monkeypatch)
    assert ended.value.exit_code == 3
    assert "MARKED" not in str(ended.value)


@pytest.mark.parametrize(
    ("acts", "fault"),
    [(0, ValueError()), (1, Interrupted()), (1, KeyboardInterrupt()), (2, OSError(28, "full"))],
)
def test_whatever_explains_itself_stays_as_it_is(
    acts: int, fault: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises((ValueError, FacecliError, KeyboardInterrupt, OSError)) as ended:
        run(acts, fault, monkeypatch)
    assert ended.value is fault


@pytest.mark.parametrize("fault", [OutputFailed(path="out", why="full"), ReaderGone(path="out")])
def test_an_output_that_fails_after_an_act_is_not_called_unchanged(
    fault: OutputFailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutputFailed) as ended:
        run(0, fault, monkeypatch)
    assert ended.value is fault
    with pytest.raises(StoppedUnreported, match="run the command again for the rest") as ended:
        run(1, fault, monkeypatch)
    assert (ended.value.exit_code, ended.value.details["path"]) == (75, "out")
    done = Unreported(path="out", why="full")
    with pytest.raises(Unreported) as ended:
        run(1, done, monkeypatch)
    assert ended.value is done
