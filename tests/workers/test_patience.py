"""The time of a task after late ones: the rule, without a process."""

from __future__ import annotations

from facecli.workers.patience import RESTORED_AFTER, WHOLE_FOR, Patience


def limits(patience: Patience, late: int) -> list[float]:
    """The limits of so many tasks that are all late."""
    found = []
    for _ in range(late):
        found.append(patience.allowance().seconds)
        patience.note_late()
    return found


def test_the_limit_halves_after_three_late_tasks_down_to_a_twelfth() -> None:
    assert limits(Patience(60), 9) == [60, 60, 60, 30, 15, 7.5, 5, 5, 5]


def test_a_thousand_late_files_take_less_than_an_hour_and_a_half() -> None:
    """It was 16 hours and 40 minutes."""
    assert sum(limits(Patience(60), 1000)) < 5400


def test_any_number_of_late_tasks_has_a_limit() -> None:
    assert limits(Patience(60), 5000)[-1] == 5


def test_few_in_time_restore_nothing_and_many_in_a_row_restore_the_whole() -> None:
    patience = Patience(60)
    limits(patience, WHOLE_FOR)
    for _ in range(3):
        for _ in range(RESTORED_AFTER - 1):
            patience.note_in_time()
        assert patience.allowance().seconds < 60
        patience.note_late()
    for _ in range(RESTORED_AFTER):
        patience.note_in_time()
    assert limits(patience, WHOLE_FOR + 1) == [60, 60, 60, 30]


def test_a_shorter_limit_is_explained() -> None:
    patience = Patience(60)
    assert patience.allowance().exceeded == "it took longer than the 60 s allowed for one"
    limits(patience, 4)
    assert patience.allowance().exceeded == (
        "it took longer than the 15 s allowed for one after 4 that took too long"
    )
