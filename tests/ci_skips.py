"""In CI a skipped test is a failure: a check that did not run has shown nothing.

A pytest plugin, on where the environment says `CI=true`. A test that cannot run on a
developer's machine may still skip there.
"""

from __future__ import annotations

import os

import pytest

# The reasons that may skip a test in CI as well, and why each may.
ALLOWED = {
    "aics-tlog is not installed": "it needs Python 3.12, and the lock serves 3.11 too; "
    "tests/audit/test_stock_tools.py checks the same files with Go's notes and trees",
}


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a run that passed with skipped tests into a failed one."""
    if skipped_in_ci(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report why the run failed; pytest itself lists the skipped tests and their reasons."""
    if skipped := skipped_in_ci(terminalreporter.config):
        terminalreporter.write_line(
            f"{skipped} skipped, and CI=true makes that a failure: let .ci/run install what is "
            "missing",
            red=True,
        )


def skipped_in_ci(config: pytest.Config) -> int:
    """Count the tests that were skipped for a reason that is not allowed; 0 outside CI."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or reporter is None:
        return 0
    return sum(_reason(report) not in ALLOWED for report in reporter.stats.get("skipped", []))


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return the reason of a skipped test or module as it was given to pytest."""
    where = report.longrepr
    return where[2].removeprefix("Skipped: ") if isinstance(where, tuple) else str(where)
