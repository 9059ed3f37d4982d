"""A police search: with a case and by whom the purpose names, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facecli.audit.entries import actor
from facecli.consent import authority
from tests.conftest import Facecli, Run
from tests.prepared import count
from tests.stories.conftest import Applies, entries

Person = Callable[[int], Path]


@pytest.fixture
def me(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The operator who runs the tests. Nothing but the kernel says who that is."""
    for claim in ("SUDO_USER", "DOAS_USER"):
        monkeypatch.delenv(claim, raising=False)
    uid, user = authority.operator(actor("first", {})) or (None, None)
    return user if user and not user.isdecimal() else uid


@pytest.mark.rule("search-is-accounted-for")
def test_a_search_with_and_without_a_case(
    ready: Facecli,
    applies: Applies,
    enrol: Callable[..., Run],
    probe: Person,
    tmp_path: Path,
    me: Any,
) -> None:
    assert applies("missing", case_required=True, operators=[me]).code == 0
    assert enrol("X-1", 1, "missing", "--name", "王小明").code == 0
    search = ("match", probe(1), "--purpose", "missing", "--format", "jsonl")
    resume = ("--resume", tmp_path / "done")
    verify = ("verify", "X-1", probe(1), "--purpose", "missing")
    for command in (search, (*search, *resume), verify):
        refused = ready(*command)
        assert refused.code == 20
        assert "--case" in refused.err
    for name in ("X-1", "x-1", "王小明", "no case", "a\nb", "x" * 65, "10 kB " * 2000):
        assert ready(*search, "--case", name).code == 2
    assert not (tmp_path / "done").exists()
    assert count(ready, "match_event") == [0]

    assert ready(*search, *resume, "--case", "案件2026-117").code == 0
    assert ready(*search, *resume, "--case", "2026-118").code == 1  # the batch of another case
    assert ready(*search, *resume).code == 20
    again = ready(*search, *resume, "--case", "案件2026-117")
    assert (again.code, again.out) == (0, "")
    assert ready(*verify, "--case", "2026-118").code in (0, 4)

    done = [one for one in entries(ready, "match") if one["outcome"] == "done"]
    assert [one["details"]["case"] for one in done] == ["案件2026-117"]
    details = done[0]["details"]
    assert details["started"] <= details["ended"]
    assert (len(details["database"]), details["references"]) == (32, 1)
    *refusals, verified = entries(ready, "verify")
    assert verified["details"]["case"] == "2026-118"
    assert {one["details"]["reason"] for one in refusals} == {"case-required"}


@pytest.mark.rule("search-is-accounted-for")
def test_only_the_named_operators_search(
    ready: Facecli, applies: Applies, enrol: Callable[..., Run], probe: Person,
    monkeypatch: pytest.MonkeyPatch, me: Any,
) -> None:  # fmt: skip
    assert applies("missing").code == 0
    assert enrol("X-1", 1, "missing").code == 0
    search = ("match", probe(1), "--purpose", "missing")
    narrowed = applies("missing", operators=["somebody-else", 4294967294])
    assert narrowed.json()[0]["change"] == "revision"  # consents stay valid
    monkeypatch.setenv("SUDO_USER", "somebody-else")
    for command in (search, ("verify", "X-1", probe(1), "--purpose", "missing")):
        refused = ready(*command, "--case", "2026-117")
        assert (refused.code, "none of them" in refused.err) == (20, True)
    monkeypatch.delenv("SUDO_USER")
    assert ready(*search).code == 20
    assert entries(ready, "match")[-1]["details"] == {"reason": "other-operator"}
    assert applies("missing", operators=["somebody-else", me]).json()[0]["change"] == "revision"
    assert ready(*search).code == 0
    assert applies("missing", operators=[]).json()[0]["change"] == "version"  # all may search again
