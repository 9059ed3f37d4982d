"""Every code that a report shows has words."""

from __future__ import annotations

from typing import get_args

from facecli.consent.retention import Reason
from facecli.erasure.erasing import ENTRIES
from facecli.papers.languages import choose
from facecli.report.codes import in_words


def test_every_rule_and_every_erasing_act_has_words() -> None:
    language = choose("en").language
    for code in (*get_args(Reason), *ENTRIES, "active", "restricted", "alternative-only"):
        assert in_words(code, language) != code or code == "withdrawn" or code == "purge"
