"""Attendance of staff: a batch, a folder of images, and an end for whoever stays away or leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Clock, Facecli
from tests.prepared import write_manifest
from tests.stories.conftest import Applies, due, matches

Person = Callable[[int], Path]


@pytest.mark.rule("earliest-deletion")
def test_a_year_at_the_staff_entrance(
    ready: Facecli, applies: Applies, face: Person, probe: Person, tmp_path: Path, clock: Clock
) -> None:
    assert applies("staff", inactive_after="90d", retain_match="60d").code == 0
    forms = [tmp_path / f"form-{number}.txt" for number in (1, 2, 3)]
    for form in forms:
        form.write_text(f"signed, {form.name}")
    manifest = write_manifest(
        tmp_path / "manifest.csv",
        [
            (f"S-{number}", f"Staff {number}", "staff", face(number), form, "", "1y")
            for number, form in enumerate(forms, 1)
        ],
    )
    assert ready("enroll", "batch", manifest).code == 0
    for _ in range(3):  # S-3 stays away
        clock.advance(days=45)
        assert matches(ready, "staff", probe(1), probe(2)) == ["S-1", "S-2"]
    assert due(ready) == {
        *(("S-3", what, "inactive") for what in ("template", "consent", "subject")),
        (None, "match", "retention-over"),
    }
    assert matches(ready, "staff", probe(3)) == []
    assert ready("purge", "--max-fraction", "0.5").code == 0

    assert ready("revoke", "S-2", "--yes").code == 0  # S-2 leaves
    assert matches(ready, "staff", probe(2)) == []
    retried = ready("enroll", "batch", manifest)  # a manifest of long ago brings nobody back
    assert retried.code == 3
    assert [row["ref"] for row in ready("subject", "list", "--format", "json").json()] == ["S-1"]

    assert ready("purpose", "retire", "staff", "--yes").code == 0
    assert due(ready) >= {("S-1", "template", "purpose-retired")}
    assert ready("purge").code == 0
    assert ready("subject", "list", "--format", "json").json() == []
