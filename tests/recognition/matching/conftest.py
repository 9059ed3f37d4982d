"""The gallery in which most of these tests search."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from facecli.cli.session import Session
from tests.conftest import Facecli
from tests.prepared import opened, unit
from tests.recognition.matching.test_gallery import enrol


@pytest.fixture
def session(ready: Facecli) -> Iterator[Session]:
    """An open database with two people at the gate."""
    enrol(ready, "A-1", unit(1))
    enrol(ready, "A-2", unit(2))
    with opened(ready) as found:
        yield found
