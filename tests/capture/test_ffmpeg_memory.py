"""Whether FFmpeg's memory is bounded is found out in a confined worker."""

from __future__ import annotations

import sys

import pytest

from facecli.capture.ffmpeg_memory import is_bounded


@pytest.mark.skipif(sys.platform != "linux", reason="nothing lists what is loaded")
def test_the_ffmpeg_of_this_machine_is_bounded() -> None:
    assert is_bounded()
