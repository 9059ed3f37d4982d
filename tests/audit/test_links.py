"""Links: the body of add-checkpoint, read strictly, and followed as far as they lead."""

from __future__ import annotations

import pytest

from facecli.audit.links import Link, opened, reached
from facecli.errors.audit import LogAltered
from facecli.errors.command_line import BadInput
from tests.audit.logs import Log


def _link(log: Log, old: int) -> Link:
    return Link(old, tuple(log.tree().consistency(old, log.size)), log.seal())


def test_a_link_is_read_as_it_was_written() -> None:
    link = _link(Log().append(9), 3)
    assert Link.parse(link.text.encode(), "link") == link


@pytest.mark.parametrize(
    "text",
    ["", "old 3", "old 3\n", "old 03\n\nx\n", "old -3\n\nx\n", "new 3\n\nx\n", "old 3\nAAAA\n\nx\n",
     "old 3\n" + ("A" * 43 + "=\n") * 64 + "\nx\n"],
)  # fmt: skip
def test_what_is_no_link_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no link"):
        Link.parse(text.encode(), "link")


def test_links_are_followed_from_one_to_the_next() -> None:
    log = Log().append(2)
    start = log.opened()
    first = _link(log.append(3).succeed(), 3)
    second = _link(log.append(4), 7)
    found = reached(start, opened([second, first], log.trust_key))
    assert sorted(size for size, _ in found) == [3, 7, 11]
    assert len(reached(start, opened([second], log.trust_key))) == 1


def test_a_link_to_another_course_is_refused() -> None:
    log = Log().append(2)
    start, other = log.opened(), log.copy()
    other.records[1] = {**other.records[1], "outcome": "failed"}
    with pytest.raises(LogAltered, match="does not go on"):
        reached(start, opened([_link(other.append(5), 3)], log.trust_key))
