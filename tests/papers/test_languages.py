"""The languages of letters: whole catalogues, and the forms of dates, lengths and numbers."""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from facecli.papers.languages import CATALOGUES, LETTERS, choose, known

SHANGHAI, LOS_ANGELES = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Los_Angeles")
PACKAGES = (LETTERS, "facecli.report")
SPOKEN = ("recognition/guided_capture", "cli/camera")
"""Folders whose sentences are in the catalogue of the letters too."""


def messages(place: Traversable) -> set[str]:
    """The messages in the code: the first argument of every call of `say` or `spoken`."""
    folder = Path(str(place))
    spoken = (
        [Path(str(files("facecli"))) / one for one in SPOKEN] if folder.name == "papers" else []
    )
    return {
        str(message)
        for one in (folder, *spoken)
        for _, _, message, _, _ in extract_from_dir(
            str(one), [("**.py", "python")], keywords={"say": None, "spoken": None}
        )
    }


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("catalogue", CATALOGUES.values())
def test_a_catalogue_translates_every_message_and_keeps_its_values(
    catalogue: str, package: str
) -> None:
    place = files(package)
    folder = place / "catalogues" / catalogue / "LC_MESSAGES"
    with (folder / "facecli.po").open("rb") as stream:
        written = {one.id: one for one in read_po(stream) if one.id}
    assert set(written) == messages(place)
    for source, one in written.items():
        assert one.string
        assert not one.fuzzy
        values = [sorted(re.findall(r"\{\w+\}", text)) for text in map(str, (source, one.string))]
        assert values[0] == values[1], source
    with (folder / "facecli.mo").open("rb") as stream:
        compiled = {one.id: one.string for one in read_mo(stream) if one.id}
    assert compiled == {source: one.string for source, one in written.items()}


@pytest.mark.parametrize(
    ("tag", "language", "missing"),
    [("en", "en", False), ("EN-gb", "en", False), ("zh", "zh", False), ("zh-CN", "zh", False),
     ("zh_Hans_CN", "zh", False), ("zh-Hant-TW", "en", True), ("fr", "en", True),
     ("zh-Hant", "en", True), ("zh-TW", "en", True), ("zh_HK", "en", True), ("zh-mo", "en", True),
     ("zh-Hans-TW", "zh", False), ("zh-SG", "zh", False)],
)  # fmt: skip
def test_a_tag_finds_its_language_or_english(tag: str, language: str, missing: bool) -> None:
    chosen = choose(tag)
    assert (chosen.language.tag, chosen.missing) == (language, missing)
    assert chosen.language.tag in known()


@pytest.mark.parametrize("tag", ["", "e", "../zh", "zh/../../x", "en US", "é" * 9, "x" * 10_000])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="is no language tag"):
        choose(tag)


def test_dates_are_days_of_the_zone_in_the_languages_own_form() -> None:
    english, chinese = choose("en").language, choose("zh").language
    midnight = "2026-11-28T16:30:00Z"
    assert english.day(midnight, SHANGHAI) == "November 29, 2026"
    assert english.day(midnight, LOS_ANGELES) == "November 28, 2026"
    assert chinese.day(midnight, SHANGHAI) == "2026年11月29日"
    assert english.date("2028-02-29") == "February 29, 2028"
    assert chinese.date("2028-02-29") == "2028年2月29日"
    assert english.time(midnight, SHANGHAI) == "November 29, 2026, 12:30\u202fAM (GMT+08:00)"
    assert chinese.time(midnight, SHANGHAI) == "2026年11月29日 00:30 (GMT+08:00)"


def test_lengths_numbers_and_lists_are_in_the_languages_own_form() -> None:
    english, chinese = choose("en").language, choose("zh").language
    lengths = ["1y", "2y", "180d", "72h", "1w", "6m"]
    assert [english.length(one) for one in lengths] == [
        "1 year", "2 years", "180 days", "72 hours", "1 week", "6 months",
    ]  # fmt: skip
    assert [chinese.length(one) for one in lengths[:3]] == ["1年", "2年", "180天"]
    assert english.number(12_345) == "12,345"
    assert english.percent(1.595e-6) == "0.0001595\u00a0%"
    assert english.percent(0.5) == "50\u00a0%"
    assert english.listed(["a", "b"]) == "a and b"
    assert chinese.listed(["甲", "乙"]) == "甲和乙"
    with pytest.raises(ValueError, match="is no length of time"):
        english.length("soon")


def test_each_item_of_a_list_keeps_its_direction() -> None:
    gate = "שער"
    assert choose("en").language.listed([gate, "Gate"]) == f"\u2068{gate}\u2069 and Gate"
