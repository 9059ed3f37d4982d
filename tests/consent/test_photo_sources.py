"""Where a photo comes from: a few fixed words, and the web in no spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.consent.photo_sources import (
    check_source,
    is_from_the_web,
    kind_of,
    names_an_address,
)
from facecli.errors.command_line import BadText


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ("camera", "camera"),
        ("Camera", "camera"),
        ("handed-in", "handed-in"),
        (" document ", "document"),
        ("other:school list of 2026", "other:school list of 2026"),
        ("OTHER: card archive, cabinet 7", "other:card archive, cabinet 7"),
        ("other:学校名单", "other:学校名单"),
        ("other:webcam at the desk", "other:webcam at the desk"),
        ("other:intranet upload", "other:intranet upload"),
        ("other:st. john's school", "other:st. john's school"),
        ("other:form v1.2/3 of 2026", "other:form v1.2/3 of 2026"),
        ("other:mail of jo@park.example", "other:mail of jo@park.example"),
        ("other:A/B, see 3.b", "other:A/B, see 3.b"),
        ("other:" + "x" * 200, "other:" + "x" * 200),
    ],
)
def test_a_source_has_one_spelling(stated: str, kept: str) -> None:
    assert not is_from_the_web(stated)
    assert check_source(stated) == kept
    assert kind_of(kept) in ("camera", "handed-in", "document", "other")


@pytest.mark.parametrize(
    "stated",
    ["", " ", "unknown", "scan", "camera:2", "other", "other:", "other: ", "other:-",
     "other:unknown", "handed in", "other:" + "x" * 201, "other:a\nb",
     "other:\x1b[2J", "other:a\u202eb", "other:" + "x" * 10_000, "document\x00"],
)  # fmt: skip
def test_what_is_no_source(stated: str) -> None:
    assert not is_from_the_web(stated)
    with pytest.raises(BadText):
        check_source(stated)


ADDRESSES = [
    "http://example.com/a.jpg", "HTTPS://EXAMPLE.COM", "hTTp:example", "http:/one-slash",
    "ftp://files.example/a", "ftps://x", "sftp://host/x", "hxxp://example[.]com", "www.example",
    "see www.example.org", "WWW2.example", "s3://bucket/key", "rtsp://cam/1",
    "\uff48\uff54\uff54\uff50\uff1a\uff0f\uff0fexample", "h t t p : / / example",
    "\u04bbttp://example", "ht\u0442\u0440s://example", "http\u2236//example",
    "\u0445\u0445\u0445 \u051d\u051d\u051d.example", "\uff57\uff57\uff57\uff0eexample",
    "www\u3002example", "ht\u200btp://example", "h\u0301ttp://example", "http%3A%2F%2Fexample",
    "http&#58;//example", "http%253A//example", "other:http://example",
]  # fmt: skip
HOSTS = [
    "example.com/photos/1.jpg", "Example.COM/x", "social.example/jo", "bücher.de/jo",
    "例子.中国/照片", "xn--fsq.xn--0zwm56d/x", "example[.]com/x", "example (dot) com/x",
    "example\u3002com/x", "example.com\u2044x", "example.com:8080/x", "192.168.0.1/x",
    "facebook.com", "photos.vk.ru", "other:copied from flickr.com", "example.com?x",
]  # fmt: skip
WEB = [
    "web", "Web", " WEB ", "w\u0435b", "WE\u0412", "\u0461eb", "www", "the web", "internet",
    "The Internet", "other:web", "other: internet", "other:Internet.", "scraped", "social media",
    "网络",
    "互联网", "\uff57\uff45\uff42", "we\u200bb", "w\u0301eb",
    "other:'web'", "other:(the_web)", "other:\u201cInternet\u201d", "other: from web",
]  # fmt: skip


@pytest.mark.rule("photo-origin")
@pytest.mark.parametrize("stated", [*ADDRESSES, *HOSTS, *WEB])
def test_the_web_is_known_in_any_spelling(stated: str) -> None:
    assert is_from_the_web(stated)


@pytest.mark.parametrize("text", ADDRESSES)
def test_an_address_is_found_in_any_cell(text: str) -> None:
    assert names_an_address(text)


@pytest.mark.parametrize(
    "text",
    ["", "A-1001", "photos/jo.jpg", "example.com/jo.jpg", "2026/11/a:b.jpg", "C:/photos/jo.jpg",
     "Mr. Http", "shttp", "file:///home/x.jpg", "awww.jpg", "Jo (www)", "王小明",
     "/srv/http/jo.jpg"],
)  # fmt: skip
def test_other_cells_are_no_addresses(text: str) -> None:
    assert not names_an_address(text)


@given(st.text(max_size=300))
def test_every_text_is_decided(text: str) -> None:
    if is_from_the_web(text):
        return
    try:
        kept = check_source(text)
    except BadText:
        return
    assert check_source(kept) == kept
