"""Values as people read them."""

from __future__ import annotations

from typing import Any

import pytest

from facecli.papers.languages import choose
from facecli.report.document import Fact
from facecli.report.values import missing, shown


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (None, "number", "\u2013"),
        (1234567, "number", "1,234,567"),
        (0, "number", "0"),
        (1e-5, "rate", "0.001\u00a0%"),
        (0, "rate", "0\u00a0%"),
        (0.0, "seen", "none seen"),
        (0.018018, "seen", "1.8018\u00a0%"),
        (0.218009, "rate", "21.8009\u00a0%"),
        (1.0491234, "distance", "1.04912"),
        ("shipped overall", "code", "shipped, for everybody"),
        ("2026-11-28T16:30:00Z", "moment", "2026-11-29 00:30"),
        ("2026-11-28T16:00:00Z", "end", "2026-11-28"),
        ("2026-11-28T16:30:00Z", "end", "2026-11-29 00:30"),
        ("9999-12-31T23:59:59Z", "end", "no end"),
        ("180d", "length", "180 days"),
        ("0d", "length", "not kept"),
        ("inactive", "code", "no interaction"),
        ("withdrawn retention-over", "codes", "withdrawn, retention over"),
        ("a-new-code", "code", "a-new-code"),
        ("a\u202eb", "text", "a\\u{202e}b"),
    ],
)
def test_values(value: Any, kind: Any, expected: str) -> None:
    assert shown(value, kind, choose("en").language, "Asia/Shanghai") == expected


def test_a_missing_value_names_the_law() -> None:
    words = missing(Fact("a", "A", None, needed="GDPR 30(1)(a)"), choose("en").language)
    assert words == "MISSING: needed by GDPR 30(1)(a)"


def test_a_law_with_a_name_in_the_language_has_it() -> None:
    words = missing(
        Fact("a", "A", None, needed="CAC Measures (2025) 15"),
        choose("zh", "facecli.report").language,
    )
    assert "人脸识别技术应用安全管理办法" in words
