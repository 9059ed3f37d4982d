"""Syslog, against the grammar that RFC 5424 publishes (section 6), by another's ABNF parser."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

import pytest
from abnf import Node
from abnf.parser import Rule as BaseRule

from facecli.audit.exports import syslog
from facecli.printable import printable
from tests.audit.exports.entries import NASTY, entry, fields, nasty

# MSG-UTF8 is left out, since messages are ASCII; PLAIN stands for characters, not their UTF-8.
# SP and DIGIT are ABNF's own.
GRAMMAR = """
SYSLOG-MSG      = HEADER SP STRUCTURED-DATA [SP MSG]
HEADER          = PRI VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID
PRI             = "<" PRIVAL ">"
PRIVAL          = 1*3DIGIT
VERSION         = NONZERO-DIGIT 0*2DIGIT
HOSTNAME        = NILVALUE / 1*255PRINTUSASCII
APP-NAME        = NILVALUE / 1*48PRINTUSASCII
PROCID          = NILVALUE / 1*128PRINTUSASCII
MSGID           = NILVALUE / 1*32PRINTUSASCII
TIMESTAMP       = NILVALUE / FULL-DATE "T" FULL-TIME
FULL-DATE       = DATE-FULLYEAR "-" DATE-MONTH "-" DATE-MDAY
DATE-FULLYEAR   = 4DIGIT
DATE-MONTH      = 2DIGIT
DATE-MDAY       = 2DIGIT
FULL-TIME       = PARTIAL-TIME TIME-OFFSET
PARTIAL-TIME    = TIME-HOUR ":" TIME-MINUTE ":" TIME-SECOND [TIME-SECFRAC]
TIME-HOUR       = 2DIGIT
TIME-MINUTE     = 2DIGIT
TIME-SECOND     = 2DIGIT
TIME-SECFRAC    = "." 1*6DIGIT
TIME-OFFSET     = "Z" / TIME-NUMOFFSET
TIME-NUMOFFSET  = ("+" / "-") TIME-HOUR ":" TIME-MINUTE
STRUCTURED-DATA = NILVALUE / 1*SD-ELEMENT
SD-ELEMENT      = "[" SD-ID *(SP SD-PARAM) "]"
SD-PARAM        = PARAM-NAME "=" %d34 PARAM-VALUE %d34
SD-ID           = SD-NAME
PARAM-NAME      = SD-NAME
PARAM-VALUE     = *(ESCAPED / PLAIN)
ESCAPED         = "\\" ("\\" / %d34 / "]")
PLAIN           = %x00-21 / %x23-5B / %x5E-10FFFF
SD-NAME         = 1*32(%d33 / %d35-60 / %d62-92 / %d94-126)
MSG             = *%d00-127
NILVALUE        = "-"
PRINTUSASCII    = %d33-126
NONZERO-DIGIT   = %d49-57
"""


class Rule(BaseRule):
    """The grammar's rules."""

    grammar: ClassVar[list[str]] = GRAMMAR.strip().splitlines()


for text in Rule.grammar:
    Rule.create(text)


def values(node: Node, name: str) -> list[str]:
    """Return the matches of the grammar's rule `name`, in order."""
    if node.name == name:
        return [node.value]
    return [value for child in node.children for value in values(child, name)]


def parse(line: str) -> tuple[dict[str, str], Node]:
    tree = Rule("SYSLOG-MSG").parse_all(line)
    found = [re.sub(r'\\([\\"\]])', r"\1", value) for value in values(tree, "PARAM-VALUE")]
    return dict(zip(values(tree, "PARAM-NAME"), found, strict=True)), tree


def test_the_published_grammar_reads_what_the_entry_says() -> None:
    parameters, tree = parse(syslog.line(fields(entry())))
    assert values(tree, "PRIVAL") == ["109"]
    assert values(tree, "TIMESTAMP") == ["2026-11-23T21:00:05Z"]
    assert values(tree, "HOSTNAME") == ["gate.example"]
    assert values(tree, "APP-NAME") == ["facecli"]
    assert values(tree, "MSGID") == ["consent.record"]
    assert values(tree, "SD-ID") == ["facecli@32473"]
    assert json.loads(values(tree, "MSG")[0]) == entry()["details"]
    assert parameters == {
        "seq": "812", "uid": "989", "user": "facecli", "slot": "cron", "host": "gate.example",
        "login_source": "loginuid", "login_uid": "1000", "login_user": "li",
        "action": "consent.record", "outcome": "done", "subject_id": "5c1f0a9be2",
        "purpose": "gate", "leaf_hash": "ab" * 32,
    }  # fmt: skip


def test_refusals_and_failures_are_more_severe() -> None:
    assert syslog.line(fields(entry(outcome="refused"))).startswith("<108>1 ")
    assert syslog.line(fields(entry(outcome="failed"))).startswith("<107>1 ")


@pytest.mark.parametrize("number", range(len(NASTY)))
def test_nasty_text_follows_the_grammar_and_is_read_as_it_was(number: int) -> None:
    each: dict[str, Any] = nasty()[3 * number]
    line = syslog.line(fields(each))
    assert line.isprintable()
    parameters, tree = parse(line)
    assert parameters["user"] == parameters["subject_id"] == printable(NASTY[number])
    assert json.loads(values(tree, "MSG")[0]) == each["details"]


def test_what_has_no_value_has_no_parameter() -> None:
    parameters, _ = parse(syslog.line(fields(entry(subject_id=None, purpose=None))))
    assert not {"subject_id", "purpose"} & parameters.keys()


def test_a_host_without_printable_characters_is_nil() -> None:
    nameless = entry(actor={"uid": 0, "user": "u", "slot": "s", "host": "\u6b63"})
    assert values(parse(syslog.line(fields(nameless)))[1], "HOSTNAME") == ["-"]
