from __future__ import annotations

from pathlib import Path

import pytest

from tests.ci_skips import ALLOWED
from tests.rules import TESTS

PLUGIN = "tests.ci_skips"


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A suite of one test that passes and one that is skipped."""
    pytester.makepyfile(
        """
        import pytest

        def test_runs():
            pass

        @pytest.mark.skip(reason="no browser here")
        def test_needs_a_browser():
            pass
        """
    )
    return pytester


def test_ci_fails_when_a_test_was_skipped(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    result = project.runpytest_inprocess("-p", PLUGIN)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["1 skipped, and CI=true makes that a failure*"])


def test_ci_passes_when_every_test_ran(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    result = project.runpytest_inprocess("-p", PLUGIN, "-k", "test_runs")
    assert result.ret == pytest.ExitCode.OK


def test_a_developer_may_skip(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    result = project.runpytest_inprocess("-p", PLUGIN)
    assert result.ret == pytest.ExitCode.OK


def test_a_module_skipped_whole_counts(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile(
        test_whole="import pytest\npytest.importorskip('no_such_module')\n",
        test_other="def test_runs(): pass\n",
    )
    result = pytester.runpytest_inprocess("-p", PLUGIN)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_reason_that_is_allowed_skips_a_module_or_a_test(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    (reason,) = ALLOWED
    pytester.makepyfile(
        test_whole=f"import pytest\npytest.importorskip('no_such_module', reason={reason!r})\n",
        test_one=f"import pytest\ndef test_one(): pytest.skip({reason!r})\n",
        test_other="def test_runs(): pass\n",
    )
    result = pytester.runpytest_inprocess("-p", PLUGIN)
    assert result.ret == pytest.ExitCode.OK


def test_an_allowance_names_a_reason_that_a_test_gives() -> None:
    texts = [file.read_text() for file in TESTS.rglob("test_*.py") if file != Path(__file__)]
    assert [reason for reason in ALLOWED if not any(reason in text for text in texts)] == []
