"""A search of a face in the street: only among those who agreed, and every search is on record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.conftest import Clock, Facecli, Run
from tests.prepared import count
from tests.stories.conftest import Applies, entries, matches

Person = Callable[[int], Path]


def test_who_did_not_agree_cannot_be_found(
    ready: Facecli, applies: Applies, enrol: Callable[..., Run], face: Person, probe: Person,
    sample_data: Path, clock: Clock,
) -> None:  # fmt: skip
    for code in ("missing", "gate"):
        assert applies(code, title=f"Purpose {code}").code == 0
    taken = ("enroll", "file", "X-1", face(1), "--purpose", "missing")
    assert ready(*taken).code in (20, 21)  # a photo alone is no consent
    assert enrol("X-2", 2, "gate").code == 0
    assert enrol("X-3", 3, "missing").code == 0
    stranger = sample_data / "probes" / "stranger.jpg"
    street = (stranger, probe(1), probe(2), probe(3))
    assert matches(ready, "missing", *street) == ["X-3"]  # X-2 agreed to another purpose
    assert count(ready, "subject", "template", "match_event") == [2, 2, 1]
    assert ready("match", stranger, "--purpose", "wanted").code == 21
    assert ready("match", stranger, "--purpose", "missing", "--fmr", "0.5").code == 22

    searched, unknown, looser = entries(ready, "match")
    details = searched["details"]
    assert (searched["purpose"], searched["subject_id"]) == ("missing", None)
    assert searched["actor"]["user"]
    assert details["started"] <= details["ended"] == searched["at"]
    assert (details["images"], details["references"], details["matches"]) == (4, 1, 1)
    assert len(details["database"]) == 32
    assert [(one["outcome"], one["details"]["reason"]) for one in (unknown, looser)] == [
        ("refused", "unknown"), ("refused", "rate-looser"),
    ]  # fmt: skip
