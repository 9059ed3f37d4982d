"""Memory: a search that does not begin without enough of it."""

from __future__ import annotations

import pytest

from facecli import free_memory
from facecli.consent import purposes
from facecli.errors.recognition import TooLittleMemory
from facecli.recognition.matching import memory
from facecli.recognition.matching.gallery import load
from tests.conftest import Facecli
from tests.prepared import SPEC, opened, unit
from tests.recognition.matching.test_gallery import enrol

MB = 2**20


def test_a_gallery_that_does_not_fit_is_refused_before_it_is_read(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(ready, "A-1", unit(1))
    with opened(ready) as found:
        purpose = purposes.find(found.db, "gate")
        monkeypatch.setattr(free_memory, "available", lambda: memory.BESIDE)
        with pytest.raises(TooLittleMemory) as refused:
            load(found.db, purpose, SPEC, found.now)
        assert "1 template needs 33 MB" in str(refused.value)
        monkeypatch.setattr(free_memory, "available", lambda: memory.BESIDE + memory.A_TEMPLATE)
        gallery, _ = load(found.db, purpose, SPEC, found.now)
        assert len(gallery.search(unit(1), 0.5, 1)) == 1


def test_a_million_templates_fit_into_a_hundred_megabytes_but_are_not_kept_there() -> None:
    memory.check(1_000_000, 100 * MB)
    assert not memory.holds(1_000_000, 129, 100 * MB)
    assert memory.holds(1_000_000, 129, 300 * MB)
