"""The refusals of enrolment say what to do next."""

from __future__ import annotations

import pytest

from facecli.errors.recognition import DuplicateIdentity, OtherFace


@pytest.mark.parametrize(
    ("other", "said"),
    [("A-1", "finds its face under the REF A-1."), (None, "finds its face under another REF.")],
)
def test_a_duplicate_is_named_where_it_may_be(other: str | None, said: str) -> None:
    error = DuplicateIdentity(path="a.jpg", other=other)
    assert said in error.message
    assert "--allow-duplicate" in str(error)
    assert (error.reason, error.why) == (
        "duplicate-identity", "its face is enrolled under another REF",
    )  # fmt: skip


@pytest.mark.parametrize(("rank", "search"), [(1, "`match`"), (2, "`match --top-k 2`")])
def test_a_duplicate_names_the_search_that_prints_the_other(rank: int, search: str) -> None:
    error = DuplicateIdentity(path="a.jpg", other="A-1", rank=rank)
    assert error.message == f"a.jpg was not enrolled: {search} finds its face under the REF A-1."


def test_another_face_is_refused_with_the_way_on() -> None:
    error = OtherFace(path="a.jpg", ref="A-1")
    assert error.reason == "other-face"
    assert "facecli faces list A-1" in str(error)
    assert "--allow-other-face" in str(error)
