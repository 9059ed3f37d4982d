"""The rows of a match, and the sentence about an image that was not searched completely."""

from __future__ import annotations

from facecli.recognition.matching.match_rows import ImageResult


def test_faces_that_were_too_many_to_search_are_said() -> None:
    whole = ImageResult("a.jpg", [{"path": "a.jpg"}], failed=False)
    assert whole.problem is None
    cut = ImageResult("a.jpg", [{"path": "a.jpg"}], failed=False, left_out=3)
    assert cut.problem is not None
    assert "3 faces beyond the largest 256" in cut.problem
