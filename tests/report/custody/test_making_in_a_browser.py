"""The custody report of a database with everything in it, in a real browser and on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser import Browser, with_browser
from tests.conftest import SAMPLE_DATA
from tests.report.custody.test_galleries import measured
from tests.report.test_as_html import SHOWN, show

LONG = "W" * 190
WIDER = """return Array.from(document.querySelectorAll('table'), one =>
    [one.caption.textContent, one.getBoundingClientRect().right - document.body.clientWidth])
    .filter(found => found[1] > 0)"""


@pytest.fixture
def page(enrolled: Any) -> Path:
    """The page of a database in which strangers wrote markup wherever they can."""
    facecli = enrolled
    photo = SAMPLE_DATA / "enrol" / "A-1001.jpg"
    for command in (
        ("subject", "correct", "A-1001", "--name", "<script>alert(1)</script>"),
        ("subject", "add", "<img-src=x-onerror=alert(1)>", "--offered-alternative"),
        ("subject", "add", LONG[:64], "--alternative-only"),
        ("subject", "hold", "A-1003", "--reason", "case", "--until", "1y"),
        ("subject", "elsewhere", "add", "A-1001", "--what", "fingerprint", "--where", LONG),
        ("subject", "disclosed", "A-1001", "--to", "<b>Police</b>", "--what", LONG, "--basis", "7"),
        ("subject", "request", "A-1001", "--kind", "access"),
        ("consent", "record", "A-1001", "--purpose", "attendance", "--expires", "1y",
         "--notice-shown"),
        ("enroll", "file", "A-1001", photo, "--purpose", "attendance", "--source", f"other:{LONG}"),
        ("backup", "create", facecli.folder / "a backup with a name that is rather long.db"),
        ("revoke", "A-1002", "--yes"),
    ):  # fmt: skip
        done = facecli(*command)
        assert done.code == 0, (command, done.err)
    measured(facecli)
    path: Path = facecli.folder / "custody.html"
    assert facecli("report", "--with-refs", "--output", path).code == 0
    return path


@with_browser
def test_the_whole_report_is_shown_on_a_phone_a_desk_and_paper(
    page: Path, chromium: Browser
) -> None:
    text = page.read_text(encoding="utf-8")
    assert not {"\u202e", "\u2066"} & set(text)
    assert text.count("<script") == 1
    for width, media, scheme in SHOWN:
        show(chromium, page, width, media=media, scheme=scheme)
        assert chromium.console() == []
        assert set(chromium.requests()) == {page.as_uri()}
        assert chromium.violations() == []
        assert chromium.overflow() <= 0
        assert chromium.driver.title == "Custody of facial data"
        if media == "print":
            assert chromium.driver.execute_script(WIDER) == []
