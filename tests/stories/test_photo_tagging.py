"""Photo tagging: only who agreed is named, everybody else is counted, blurred and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Clock, Facecli, Run
from tests.prepared import count, let_pass
from tests.stories.conftest import Applies, due

Person = Callable[[int], Path]


@pytest.mark.rule("earliest-deletion")
def test_nobody_is_tagged_without_being_asked(
    ready: Facecli, applies: Applies, enrol: Callable[..., Run], sample_data: Path,
    tmp_path: Path, clock: Clock,
) -> None:  # fmt: skip
    assert applies("album", inactive_after="3y", max_consent="5y", retain_template="5y").code == 0
    group = sample_data / "probes" / "group.jpg"
    agreed = ("--purpose", "album", "--expires", "5y", "--notice-shown")
    several = ready("enroll", "file", "T-9", group, *agreed, "--format", "json")
    assert [row["reason"] for row in several.json() if "reason" in row] == ["several-faces"]
    enrolled = ready("enroll", "file", "T-1", sample_data / "enrol" / "A-1001.jpg", *agreed)
    assert enrolled.code == 0
    seen = ready(
        "match", group, "--purpose", "album", "--annotate", tmp_path / "tagged", "--format", "json"
    )
    assert seen.code == 0
    rows = [row for row in seen.json() if "decision" in row]
    assert len(rows) > 1
    assert {row["ref"] for row in rows if row["decision"] == "match"} <= {"T-1"}
    assert count(ready, "subject", "template") == [1, 1]
    [tagged] = (tmp_path / "tagged").iterdir()
    assert tagged.read_bytes() != group.read_bytes()

    for _ in range(3):  # three years without a further photo
        assert ready("purge").code == 0
        let_pass(ready, clock, days=366)
    assert due(ready) >= {("T-1", what, "inactive") for what in ("template", "consent", "subject")}
