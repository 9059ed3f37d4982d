"""The source of an enrolled photo: stated in a few fixed words, and never the web.

A source is `camera`, `handed-in`, `document` or `other:` and a short text. What names a web address
in any spelling, or the web itself, was collected without the person (Texas HB 149; Clearview): it
is refused before its image is opened.
"""

from __future__ import annotations

import html
import re
import unicodedata

from facecli.consent.text import check_short, is_empty_word, normalized
from facecli.errors.command_line import BadText

CAMERA = "camera"
KINDS = (CAMERA, "handed-in", "document")
OTHER = "other"
FORM = f"{', '.join(KINDS)} or {OTHER}:TEXT"
LONGEST_OTHER = 200

# Letters that look like those of `http`, `ftp`, `www` and `web`, small or large, after case and
# marks are gone.
_LOOKALIKES = str.maketrans(
    "\u04bb\u0570\u0442\u03c4\u0440\u03c1\u0455\u051d\u0461\u03c9\u0561\u0493\u0192\u0435\u0454"
    "\u04bd\u044c\u0184\u0185\u0445\u03c7\u2236\ua789\u0589\u05c3\u2044\u2215\u29f8\\\u3002\u06d4"
    "\u043d\u03b7\u0432\u03b2\u03b5",
    "httppswwwwffeeebbbxx:::://///..hhbbe",
)
_ESCAPE = re.compile(r"%([0-7][0-9A-Fa-f])")
_DOTS = re.compile(r"\s*[\[({]\s*(?:\.|dot)\s*[\])}]\s*")
_SCHEME = re.compile(r"(?<![^\W_])(?:https?|ftps?|hxxps?):|(?:^|[^\w.-])www\d?\.")
_ANY_SCHEME = re.compile(r"(?<![a-z0-9+.-])(?!file:)[a-z][a-z0-9+.-]{1,20}://")
_HOST = r"(?<![\w@.-])(?:(?:[\w-]{1,63}\.)+(?:[^\W\d_]{2,24}|xn--[\w-]+)|\d{1,3}(?:\.\d{1,3}){3})"
_HOST_WITH_PATH = re.compile(_HOST + r"(?::\d+)?[/?]")
_KNOWN_HOST = re.compile(
    r"(?<![\w@-])[\w-]+\.(?:com|net|org|info|io|co|me|tv|app|social|cn|ru|de|eu|uk|jp)(?![\w-])"
)
_WEB = {
    "web", "the web", "www", "world wide web", "internet", "the internet", "from the web",
    "from the internet", "website", "a website", "web page", "webpage", "social media",
    "social network", "search engine", "scraped", "crawled", "downloaded", "网络", "網絡", "網路",
    "互联网", "因特网", "网上", "网站", "网页", "爬虫", "интернет", "сеть",
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
    plain = _plain(source)
    stated = plain.removeprefix(f"{OTHER}:").strip(" .!/-_")
    words = {_folded(word) for word in _WEB}
    return (
        " ".join(stated.split()) in words
        or names_an_address(source)
        or bool(_HOST_WITH_PATH.search(plain) or _KNOWN_HOST.search(plain))
    )


def names_an_address(text: str) -> bool:
    """Return True if a text has a web address that says so: `http:`, `ftp:`, `www.`, `x://`.

    A file may lie in a folder `example.com/`, so that a bare host is none here.
    """
    plain = _plain(text)
    squeezed = "".join(plain.split())
    return any(
        pattern.search(form) for pattern in (_SCHEME, _ANY_SCHEME) for form in (plain, squeezed)
    )


def _plain(text: str) -> str:
    """Return a text in small plain letters, without what could hide an address in it."""
    read = _unquoted(_unquoted(text))
    return _DOTS.sub(".", _folded(read))


def _unquoted(text: str) -> str:
    """Return a text with its escapes of web addresses and pages read."""
    return html.unescape(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text))


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    seen = "".join(one for one in decomposed if unicodedata.category(one) not in ("Cf", "Mn", "Cc"))
    return seen.translate(_LOOKALIKES)
