"""The languages of letters: gettext catalogues for sentences, CLDR for dates and lengths.

English is the language of the source. A further language needs a catalogue with every message, so
that no letter mixes languages: without one, the whole letter is in English.
"""

from __future__ import annotations

import gettext
import re
from datetime import date, datetime
from importlib.resources import as_file, files
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_time, get_datetime_format, get_timezone_gmt
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

from facecli.consent.dates import is_date, last_day
from facecli.consent.notices import TAG
from facecli.papers.directions import isolated
from facecli.times import LENGTH

ENGLISH = "en"
LETTERS = "facecli.papers"
CATALOGUES = {"zh": "zh_Hans"}
"""The catalogues that ship, by language subtag (RFC 5646)."""
CLDR_UNITS = {"h": "hour", "d": "day", "w": "week", "m": "month", "y": "year"}


class Language(NamedTuple):
    """One language: its tag, and the catalogue of its sentences."""

    tag: str
    messages: gettext.NullTranslations
    locale: Locale

    def say(self, message: str, /, **values: object) -> str:
        """Return a sentence in this language, with its values filled in (see `directions`).

        Args:
            message: the English sentence, with `{name}` for each value. `make catalogues` collects
                the first argument of every call.
        """
        shown = {name: isolated(value) for name, value in values.items()}
        return self.messages.gettext(message).format_map(shown)

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, as in HTML."""
        return self.locale.text_direction

    def day(self, moment: str, zone: ZoneInfo) -> str:
        """Return the day of a moment in words, in that time zone."""
        return str(format_date(_in(moment, zone).date(), "long", locale=self.locale))

    def date(self, day: str) -> str:
        """Return a day such as `2026-11-23` in words."""
        return str(format_date(date.fromisoformat(day), "long", locale=self.locale))

    def time(self, moment: str, zone: ZoneInfo) -> str:
        """Return day, hour and minute of a moment in words, with the offset from UTC."""
        at = _in(moment, zone)
        clock = format_time(at, "short", tzinfo=zone, locale=self.locale)
        both = str(get_datetime_format("long", locale=self.locale)).replace("'", "")
        offset = get_timezone_gmt(at, locale=self.locale)
        return f"{both.format(clock, self.day(moment, zone))} ({offset})"

    def end(self, moment: str, zone: str) -> str:
        """Return an end in words: its last day in that zone, or the moment inside a day."""
        last = last_day(moment, zone)
        return self.date(last) if is_date(last) else self.time(last, ZoneInfo(zone))

    def length(self, text: str) -> str:
        """Return a length of time such as `180d` in words: `180 days`."""
        found = LENGTH.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no length of time")
        number, unit = int(found[1]), f"duration-{CLDR_UNITS[found[2]]}"
        return str(format_unit(number, unit, "long", locale=self.locale))

    def number(self, value: int) -> str:
        """Return a whole number in this language's form."""
        return str(format_decimal(value, locale=self.locale))

    def percent(self, share: float) -> str:
        """Return a share, 0..1, in percent, with as many digits as it has, at most eight."""
        number = format_decimal(100 * share, "#,##0.########", locale=self.locale)
        return f"{number}\u00a0%"

    def name_of(self, tag: str) -> str:
        """Return the name of another language in this one; the tag if it has none here."""
        return str(self.locale.languages.get(re.split("[-_]", tag)[0].lower(), tag))

    def listed(self, items: list[str]) -> str:
        """Return items as a list in a sentence: `a, b and c`. Each keeps its direction."""
        return str(format_list([isolated(item) for item in items], locale=self.locale))


class Chosen(NamedTuple):
    """The language of a letter. `missing`: the language that was asked for has no catalogue."""

    language: Language
    missing: bool


def choose(tag: str, package: str = LETTERS) -> Chosen:
    """Return the language for a tag such as `zh-CN`; English if there is no catalogue for it.

    A catalogue is in one script: `zh-TW` is Traditional Chinese, as `zh-Hant` is, and has none.

    Args:
        package: the package with the catalogues: each has the messages of its own code.

    Raises:
        ValueError: the tag has no form of a language tag.
    """
    if not TAG.fullmatch(tag):
        raise ValueError(f"{tag!r} is no language tag such as en or zh")
    subtag = re.split(r"[-_]", tag)[0].lower()
    if subtag == ENGLISH:
        return Chosen(_english(), missing=False)
    if subtag not in CATALOGUES or _script(tag) != _script(CATALOGUES[subtag]):
        return Chosen(_english(), missing=True)
    return Chosen(_loaded(subtag, CATALOGUES[subtag], package), missing=False)


def known() -> list[str]:
    """Return the tags of the languages that letters can have."""
    return [ENGLISH, *CATALOGUES]


def _english() -> Language:
    return Language(ENGLISH, gettext.NullTranslations(), Locale.parse("en"))


def _script(tag: str) -> str:
    """Return the script that a tag states, else that of its region or language (CLDR)."""
    language, *more = re.split(r"[-_]", tag)
    stated = [part for part in more if len(part) == 4 and part.isalpha()]
    if stated:
        return stated[0].title()
    likely = get_global("likely_subtags")
    places = [f"{language.lower()}_{part.upper()}" for part in more]
    wholes = [likely[name] for name in (*places, language.lower()) if name in likely]
    return wholes[0].split("_")[1] if wholes else ""


def _loaded(tag: str, catalogue: str, package: str) -> Language:
    place = files(package).joinpath("catalogues")
    with as_file(place) as folder:
        messages = gettext.translation("facecli", folder, [catalogue])
    return Language(tag, messages, Locale.parse(catalogue))


def _in(moment: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(moment).astimezone(zone)
