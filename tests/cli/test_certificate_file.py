"""The file of `--certificate`: complete on disk before an erasure commits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from facecli.audit.entries import Act
from facecli.cli.certificate_file import certifying
from facecli.cli.session import Session
from facecli.consent import subjects
from facecli.erasure import revocation
from facecli.errors.audit import CertificateLost
from facecli.errors.base import Unknown
from facecli.errors.command_line import OutputFailed
from tests.prepared import opened


@pytest.fixture
def log(ready: Any) -> Iterator[Session]:
    """A database with four people and no consents."""
    for number in range(4):
        assert ready("subject", "add", f"A-{number}").code == 0
    with opened(ready) as session:
        yield session


def _erase(act: Act, ref: str) -> str:
    """Erase a subject; return the pseudonym."""
    pseudonym = subjects.find(act.db, ref).pseudonym
    revocation.revoke(act, ref, None, None)
    return pseudonym


def _erase_all(log: Session, path: Path, *acts: list[str], then: Any = lambda: None) -> list[str]:
    """Erase subjects, act by act, and certify it; return their pseudonyms."""
    erased = []
    with certifying(path, log.act) as begin:
        for refs in acts:
            with begin() as act:
                act.record("test")
                erased += [_erase(act, ref) for ref in refs]
        then()
    return erased


def _refs(log: Session) -> list[str]:
    return [str(row["ref"]) for row in log.db.rows("SELECT ref FROM subject ORDER BY ref")]


def _certified(path: Path) -> list[str]:
    found = json.loads(path.read_text(encoding="utf-8"))
    return [one["subject_id"] for one in (found if isinstance(found, list) else [found])]


def test_every_erasure_of_every_act_is_in_the_list(log: Session, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    erased = _erase_all(log, path, ["A-0", "A-1"], [], ["A-2"])
    assert _certified(path) == erased
    assert (len(erased), _refs(log)) == (3, ["A-3"])


def test_a_single_certificate_is_no_list(log: Session, tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    with certifying(path, log.act, single=True) as begin, begin() as act:
        pseudonym = _erase(act, "A-0")
    assert isinstance(json.loads(path.read_text()), dict)
    assert _certified(path) == [pseudonym]


def test_without_an_erasure_the_list_is_empty(log: Session, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    with certifying(path, log.act, may_be_empty=True) as begin, begin() as act:
        act.record("test")
    assert _certified(path) == []


@pytest.mark.parametrize("single", [True, False])
def test_without_an_erasure_there_is_no_file_unless_the_list_may_be_empty(
    log: Session, tmp_path: Path, *, single: bool
) -> None:
    path = tmp_path / "list.json"
    path.write_text("an earlier one")
    with certifying(path, log.act, single=single) as begin, begin() as act:
        act.record("test")
    assert path.read_text() == "an earlier one"
    assert list(tmp_path.glob("*list*")) == [path]


def test_an_act_that_fails_leaves_no_certificate_and_those_before_it_theirs(
    log: Session, tmp_path: Path
) -> None:
    path, pseudonym = tmp_path / "list.json", subjects.find(log.db, "A-0").pseudonym
    with pytest.raises(Unknown):
        _erase_all(log, path, ["A-0"], ["A-1", "Nobody"])
    assert _certified(path) == [pseudonym]
    assert _refs(log) == ["A-1", "A-2", "A-3"]


def test_where_nothing_was_erased_an_error_leaves_no_file(log: Session, tmp_path: Path) -> None:
    with pytest.raises(Unknown):
        _erase_all(log, tmp_path / "list.json", ["A-0", "Nobody"])
    assert list(tmp_path.glob("*list*")) == []
    assert "A-0" in _refs(log)


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_erased(
    log: Session, tmp_path: Path
) -> None:
    with pytest.raises(OutputFailed):
        _erase_all(log, tmp_path / "none" / "list.json", ["A-0"])
    assert "A-0" in _refs(log)


def test_a_file_that_cannot_be_renamed_names_the_entries_of_the_erasures(
    log: Session, tmp_path: Path
) -> None:
    path = tmp_path / "list.json"
    with pytest.raises(CertificateLost) as lost:
        _erase_all(log, path, ["A-0"], then=path.mkdir)
    seq = log.db.value("SELECT seq FROM erasure")
    assert lost.value.details["entries"] == str(seq)
    assert "A-0" not in _refs(log)


def test_without_a_path_the_acts_are_plain_ones(log: Session) -> None:
    with certifying(None, log.act) as begin:
        assert begin == log.act
