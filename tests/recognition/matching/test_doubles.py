"""One person under several REFs: the refusal of a gallery names the REFs, and the log does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.errors.recognition import GalleryOfCopies
from facecli.recognition.matching import doubles
from facecli.recognition.matching.calibrating import measure
from facecli.recognition.matching.doubles import connected
from tests.benchmarks.crowd import Draw, populate
from tests.conftest import Facecli
from tests.prepared import opened
from tests.recognition.matching.test_calibrating import gate_of, with_copies


def refusal(facecli: Facecli, people: int, draw: Draw) -> str:
    with opened(facecli) as session:
        populate(session, people, draw=draw)
        with pytest.raises(GalleryOfCopies) as refused:
            measure(session.db, *gate_of(session), session.now)
    return refused.value.hint


def test_four_refs_of_one_face_are_named(ready: Facecli) -> None:
    """Who enrols them stops the first measurement, and the operator must find them."""
    assert "these REFs: N-0, N-1, N-2, N-3. Where" in refusal(ready, 60, with_copies(1, 4))


def test_refs_of_one_face_stand_together_and_only_so_many_are_named(ready: Facecli) -> None:
    hint = refusal(ready, 120, with_copies(20, 3))
    named = hint.split("REFs: ")[1].split(" and ")[0]
    assert named.startswith("N-0, N-1, N-2; N-3, N-4, N-5; ")
    assert len(named.replace(";", ",").split(", ")) == doubles.MOST_NAMED
    assert f" and {60 - doubles.MOST_NAMED} more." in hint


def test_the_command_names_the_refs_and_the_log_does_not(ready: Facecli) -> None:
    with opened(ready) as session:
        populate(session, 60, draw=with_copies(1, 4))
    done = ready("calibrate", "--purpose", "gate")
    assert done.code == 22
    assert "N-0, N-1, N-2, N-3" in done.err
    log = ready("log", "export", "--format", "jsonl").out
    assert '"gallery-of-copies"' in log
    assert "N-0" not in log


@pytest.mark.parametrize(
    ("pairs", "groups"),
    [
        ([], []),
        ([(1, 2)], [[1, 2]]),
        ([(5, 4), (1, 2), (2, 3)], [[1, 2, 3], [4, 5]]),
        ([(1, 2), (3, 4), (2, 3), (1, 4)], [[1, 2, 3, 4]]),
    ],
)
def test_pairs_connect_subjects_to_groups(
    pairs: list[tuple[int, int]], groups: list[list[int]]
) -> None:
    assert connected(pairs) == groups


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=40))
def test_each_subject_is_in_one_group_with_all_that_it_is_paired_with(
    pairs: list[tuple[int, int]],
) -> None:
    groups = connected(pairs)
    everybody = [place for group in groups for place in group]
    assert sorted(everybody) == sorted({place for pair in pairs for place in pair})
    for one, other in pairs:
        assert sum({one, other} <= set(group) for group in groups) == 1
