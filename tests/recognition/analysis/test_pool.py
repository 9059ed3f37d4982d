from __future__ import annotations

import pytest

from facecli.recognition.analysis.pool import capture_failed
from facecli.workers.answers import Failure


@pytest.mark.parametrize("message", ["a.jpg: it is no image.", "it is no image.", "it is no image"])
def test_the_error_names_the_path_once_and_keeps_the_reason(message: str) -> None:
    error = capture_failed("a.jpg", Failure("undecodable", message))
    assert error.reason == "undecodable"
    assert str(error).count("a.jpg") == 1
    assert "it is no image" in str(error)
    assert ".." not in str(error)
