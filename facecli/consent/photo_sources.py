"""The source of an enrolled photo: stated in a few fixed words, and never the web.

A source is `camera`, `handed-in`, `document` or `other:` and a short text. What names a web address
in any spelling, or the web itself, was collected without the person (Texas HB 149; Clearview): it
is refused before its image is opened.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from facecli.consent.skeletons import skeletons
from facecli.consent.text import check_short, is_empty_word, normalized
from facecli.errors.command_line import BadText

CAMERA = "camera"
KINDS = (CAMERA, "handed-in", "document")
OTHER = "other"
FORM = f"{', '.join(KINDS)} or {OTHER}:TEXT"
LONGEST_OTHER = 200

_OTHER_MARKS = str.maketrans({"\\": "/", "\u3002": "."})  # a full stop in Chinese
_ESCAPE = re.compile(r"%([0-7][0-9A-Fa-f])")
_DOTS = re.compile(r"\s*[\[({]\s*(?:\.|dot)\s*[\])}]\s*")
_SCHEME = re.compile(r"(?<![^\W_])(?:https?|ftps?|hxxps?):|(?:^|[^\w.-])www\d?\.")
_ANY_SCHEME = re.compile(r"(?<![a-z0-9+.-])(?!file:)[a-z][a-z0-9+.-]{1,20}://")
_HOST = r"(?<![\w@.-])(?:(?:[\w-]{1,63}\.)+(?:[^\W\d_]{2,24}|xn--[\w-]+)|\d{1,3}(?:\.\d{1,3}){3})"
_HOST_WITH_PATH = re.compile(_HOST + r"(?::\d+)?[/?]")
_KNOWN_HOST = re.compile(
    r"(?<![\w@-])[\w-]+\.(?:com|net|org|info|io|co|me|tv|app|social|cn|ru|de|eu|uk|jp)(?![\w-])"
)
_MARKS = re.compile(r"[\W_]+")
_WEB = {
    "web", "the web", "www", "world wide web", "internet", "the internet", "from web",
    "from the web", "from internet", "from the internet", "website", "a website", "web page",
    "webpage", "social media", "social network", "search engine", "scraped", "crawled",
    "downloaded", "网络", "網絡", "網路", "互联网", "因特网", "网上", "网站", "网页", "爬虫",
    "интернет", "сеть",
}  # fmt: skip


def check_source(text: str) -> str:
    """Return a source in its one spelling.

    Raises:
        BadText: it has another form, or its text is empty, too long or deceptive. Ask
            `is_from_the_web` first, which has a refusal of its own.
    """
    kind, colon, rest = normalized(text).partition(":")
    kind = kind.strip().casefold()
    if kind in KINDS and not colon:
        return kind
    if kind != OTHER or not colon or is_empty_word(rest):
        raise BadText(what="The source", why=f"it must be {FORM}; TEXT says what it is")
    return f"{OTHER}:{check_short(rest.strip(), 'The text of the source', LONGEST_OTHER)}"


def kind_of(source: str) -> str:
    """Return the fixed word of a source. The log keeps no more of it."""
    return source.partition(":")[0]


def is_from_the_web(source: str) -> bool:
    """Return True if a stated source names a web address or the web, in any spelling."""
    readings = _readings(source)
    stated = {_words(reading.removeprefix(f"{OTHER}:")) for reading in readings}
    return (
        bool(stated & _web_words())
        or names_an_address(source)
        or any(_HOST_WITH_PATH.search(one) or _KNOWN_HOST.search(one) for one in readings)
    )


def names_an_address(text: str) -> bool:
    """Return True if a text has a web address that says so: `http:`, `ftp:`, `www.`, `x://`.

    A file may lie in a folder `example.com/`, so that a bare host is none here.
    """
    plain = _plain(text)
    if not any(unicodedata.category(one)[0] in "PS" for one in plain):
        return False  # as nearly all cells: an address has a mark
    if _ANY_SCHEME.search(plain):
        return True
    readings = {plain} if plain.isascii() else _readings(text)
    return any(_SCHEME.search(one) or _SCHEME.search("".join(one.split())) for one in readings)


@lru_cache(maxsize=1)
def _web_words() -> frozenset[str]:
    return frozenset(_words(reading) for word in _WEB for reading in _readings(word))


def _words(text: str) -> str:
    return " ".join(_MARKS.sub(" ", text).split())


def _readings(text: str) -> set[str]:
    """Return a text as it can be read: plainly, and by the look of its small or large letters."""
    plain = _plain(text)
    return {plain, _by_look(plain), _by_look(plain.upper())}


def _by_look(text: str) -> str:
    return " ".join(skeletons(word)[0].casefold() for word in text.split())


def _plain(text: str) -> str:
    """Return a text in small letters, without escapes, marks, and what cannot be seen."""
    small = unicodedata.normalize("NFKC", _unquoted(_unquoted(text))).casefold()
    bare = (
        one
        for one in unicodedata.normalize("NFKD", small)
        if unicodedata.category(one) not in ("Cf", "Mn", "Cc")
    )
    return _DOTS.sub(".", "".join(bare).translate(_OTHER_MARKS))


def _unquoted(text: str) -> str:
    """Return a text with its escapes of web addresses and pages read."""
    return html.unescape(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text))
