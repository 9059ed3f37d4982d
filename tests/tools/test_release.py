"""The checks of `make release`: each fault is one clear sentence."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tools import release

TODAY = date(2026, 3, 2)
GOOD = """\
# Changelog

## [Unreleased]

## [1.2.3] - 2026-03-02

### Matching

- `match` is faster.

## [1.2.2] - 2026-01-01
"""


def test_a_version_that_is_new_can_be_released() -> None:
    assert list(release.check_version("1.2.3", ["v1.2.2"])) == []


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        ("new", "is no version"),
        ("1.2.3.dev1", "is a development version"),
        ("1.2.2", "The tag v1.2.2 exists"),
    ],
)
def test_another_version_is_refused(version: str, sentence: str) -> None:
    (fault,) = release.check_version(version, ["v1.2.2"])
    assert sentence in fault


def test_a_changelog_that_begins_with_the_release_is_good() -> None:
    assert list(release.check_changelog(GOOD, "1.2.3", TODAY)) == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("## [Unreleased]", "", "does not begin with a section [Unreleased]"),
        ("[1.2.3]", "[1.2.1]", "has no section [1.2.3]"),
        ("## [Unreleased]", "## [Unreleased]\n\n- New.", "has changes under [Unreleased]"),
        ("### Matching\n\n- `match` is faster.", "", "has nothing under [1.2.3]"),
        (" - 2026-03-02", "", "needs the day of the release"),
        ("2026-03-02", "2026-03-03", "needs the day of the release"),
    ],
)
def test_what_is_missing_in_the_changelog_is_named(old: str, new: str, sentence: str) -> None:
    (fault,) = release.check_changelog(GOOD.replace(old, new), "1.2.3", TODAY)
    assert sentence in fault


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Copies of the files that say what is locked."""
    shutil.copytree(PROJECT / "locks", tmp_path / "locks")
    for name in ("setup.cfg", "requirements.lock"):
        shutil.copy(PROJECT / name, tmp_path)
    return tmp_path


def test_the_locks_hold_what_setup_cfg_asks_for(project: Path) -> None:
    assert list(release.check_locks(project)) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("setup.cfg", "click>=8.1.7", "click>=99", "requirements.lock does not hold click>=99"),
        (
            "setup.cfg",
            "tqdm>=4.66",
            "no-such",
            "locks/runtime.lock does not hold no-such",
        ),
        ("requirements.lock", "\nruff==", "\nrough==", "requirements.lock does not hold ruff"),
        ("locks/release.lock", "\ntwine==", "\ntwin==", "locks/release.lock does not hold twine"),
        ("locks/runtime.lock", "\ntqdm==4", "\ntqdm==5", "has another tqdm than"),
        ("locks/extras.lock", "\nmatplotlib==", "\nplotlib==", "does not hold matplotlib"),
    ],
)
def test_a_lock_that_lags_behind_is_named(
    project: Path, file: str, old: str, new: str, sentence: str
) -> None:
    text = (project / file).read_text(encoding="utf-8")
    assert old in text
    (project / file).write_text(text.replace(old, new), encoding="utf-8")
    assert sentence in "\n".join(release.check_locks(project))


def test_a_stale_document_is_named(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "man/source", tmp_path / "man/source")
    shutil.copytree(PROJECT / "tests/benchmarks", tmp_path / "tests/benchmarks")
    shutil.copy(PROJECT / "README.md", tmp_path)
    (fault,) = release.check_documents(tmp_path)
    assert fault.endswith("; run `make docs`.")


def test_a_change_that_is_not_committed_is_named() -> None:
    assert list(release.check_tree("")) == []
    (fault,) = release.check_tree(" M setup.cfg\n?? new.txt\n")
    assert fault == "2 files not committed, setup.cfg among them; commit or remove them."


def test_packages_of_another_version_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/facecli-1.2.3.tar.gz").touch()
    (fault,) = release.check_packages(tmp_path, "1.2.3")
    assert "facecli-1.2.3-py3-none-any.whl was not built" in fault
    assert len(list(release.check_packages(tmp_path, "1.2.4"))) == 2
