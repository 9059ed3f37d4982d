"""CEF, read by somebody else's parser and by the grammar of its specification."""

from __future__ import annotations

import re
from typing import Any

import pycef
import pytest

from facecli.audit.exports import cef
from facecli.printable import printable
from tests.audit.exports.entries import entry, fields, nasty

# Implementing ArcSight CEF, version 25: seven header fields, then key=value pairs; `\` and `|`
# are escaped in the header, `\` and `=` in values.
FIELD = r"(?:[^\\|\n\r]|\\[\\|])*"
VALUE = r"(?:[^\\=\n\r]|\\[\\=nr])*"
EVENT = re.compile(rf"CEF:0(?:\|{FIELD}){{5}}\|(?:10|[0-9])\|(?:[A-Za-z0-9]+={VALUE}(?: |$))*")
# Keys that the specification's dictionary has.
DICTIONARY = {"rt", "externalId", "outcome", "suid", "suser", "shost", "msg"} | {
    f"{key}{suffix}"
    for key in (*(f"cs{n}" for n in range(1, 7)), "cn1")
    for suffix in ("", "Label")
}


def read(line: str) -> dict[str, Any]:
    parsed: dict[str, Any] = pycef.parse(line)
    return {name: re.sub(r"\\([\\=])", r"\1", value) for name, value in parsed.items()}


def test_another_parser_reads_what_the_entry_says() -> None:
    found = read(cef.line(fields(entry())))
    assert found["DeviceVendor"] == found["DeviceProduct"] == "facecli"
    assert found["DeviceEventClassID"] == "consent.record"
    assert found["Severity"] == "3"
    assert found["rt"] == "1795467605000"
    assert (found["externalId"], found["suid"], found["suser"]) == ("812", "989", "facecli")
    assert (found["purpose"], found["subjectId"]) == ("gate", "5c1f0a9be2")
    assert (found["keySlot"], found["leafHash"]) == ("cron", "ab" * 32)
    assert (found["login"], found["loginSource"], found["loginUid"]) == ("li", "loginuid", "1000")
    assert found["msg"] == '{"count":2,"expires":"2027-11-23","kept":false,"why":null}'


@pytest.mark.parametrize("each", nasty())
def test_every_event_follows_the_grammar_and_stays_on_its_line(each: dict[str, Any]) -> None:
    line = cef.line(fields(each))
    assert EVENT.fullmatch(line)
    assert line.isprintable()
    keys = re.findall(r"(?:^|(?<= ))([A-Za-z0-9]+)=", line.partition("|")[2].split("|", 6)[-1])
    assert set(keys) <= DICTIONARY


@pytest.mark.parametrize("each", nasty())
def test_another_parser_reads_nasty_text_as_it_was(each: dict[str, Any]) -> None:
    user = each["actor"]["user"]
    if user:
        assert read(cef.line(fields(each)))["suser"] == printable(user)


def test_a_bar_in_an_action_does_not_add_a_field() -> None:
    assert EVENT.fullmatch(cef.line(fields(entry(action="a|b\\c"))))
    assert "|a\\|b\\\\c|a\\|b\\\\c|3|" in cef.line(fields(entry(action="a|b\\c")))
