"""Entries of a known shape are checked without parsing, as strictly as those that are parsed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecli.audit import entry_shapes
from facecli.audit.canonical import canonical
from facecli.audit.entry_form import is_entry
from facecli.audit.entry_shapes import Leaves, Shapes
from facecli.audit.merkle import leaf_hash
from tests.audit.logs import WORDS, Log, entry, line_of_text, marked_of
from tests.audit.test_entry_form import GENUINE, WRONG

AT = 6  # the entries before the genuine one
HASH, OTHER = "0d" * 32, "f3" * 32
WITH_IDS = {"expires": "2027", "id": "9f86d081-884c-4d65-a1b2-0123456789ab", "record": HASH}


def _line(text: bytes) -> bytes:
    return line_of_text(text).removesuffix(b"\n")


def _lines(texts: Iterable[bytes]) -> list[bytes]:
    return list(map(_line, texts))


def _known(*genuine: bytes) -> Callable[[bytes], bool]:
    """Return a check of one text, alone and as a line, by shapes that know these entries."""
    records, lines = Shapes(stated=False), Shapes(stated=True)
    for text in genuine:
        assert records.read([text], AT) is not None
        assert lines.read([_line(text)], AT) is not None

    def check(text: bytes) -> bool:
        fits = is_entry(text) and b',"seq":7,' in text
        expected = Leaves([leaf_hash(text)], []) if fits else None
        assert records.read([text], AT) == lines.read([_line(text)], AT) == expected
        return fits

    return check


@pytest.mark.parametrize(("old", "new"), WRONG)
def test_another_form_is_found_also_after_an_entry_of_the_same_shape(
    old: bytes, new: bytes
) -> None:
    check, wrong = _known(GENUINE), GENUINE.replace(old, new)
    assert not check(wrong)
    assert check(GENUINE)
    around = [canonical(entry(AT + 1)), wrong, canonical(entry(AT + 3))]
    assert Shapes(stated=False).read(around, AT) is None
    assert Shapes(stated=True).read(_lines(around), AT) is None


def test_members_whose_names_differ_in_digits_are_compared_each_time() -> None:
    text = canonical(entry(AT + 1, {"a1": 1, "a2": 2}))
    check = _known(text, text)
    assert check(text)
    assert not check(text.replace(b'{"a1":1,"a2":2}', b'{"a2":2,"a1":1}'))
    assert not check(text.replace(b'"a2"', b'"a1"'))


def test_every_canonical_entry_is_known_again() -> None:
    for word in WORDS:
        nested = {word: [{word: word, "n": -5}, 2**53 - 1, None, True, [], {}]}
        changes = {"subject_id": word, "purpose": word, "action": word}
        texts = [canonical(entry(seq, nested, **changes)) for seq in range(1, 130)]
        expected = Leaves(list(map(leaf_hash, texts)), [])
        assert Shapes(stated=False).read(texts, 0) == expected
        assert Shapes(stated=True).read(_lines(texts), 0) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (HASH, HASH.upper()),
        (HASH, HASH[:-1] + '"'),
        (HASH, HASH[:-1] + "\\"),
        ('"expires"', '"jxpires"'),
        ('"id"', '"ed"'),
        ('"record"', '"aecord"'),
        (f'"{HASH}"', f'"{HASH[2:]}",'),
        ('"action"', '"bction"'),
    ],
)
def test_ids_do_not_hide_another_fault(old: str, new: str) -> None:
    genuine = canonical(entry(AT + 1, WITH_IDS))
    check = _known(genuine)
    assert check(genuine.replace(HASH.encode(), OTHER.encode()))
    wrong = genuine.replace(old.encode(), new.encode())
    assert wrong != genuine
    expected = old == HASH and new == HASH.upper()  # another text, but canonical
    assert check(wrong) == expected


def test_a_name_that_looks_like_an_id_is_none() -> None:
    genuine = canonical(entry(AT + 1, {"b" * 32: 1, "c" * 32: 2}))
    check = _known(genuine)
    assert not check(genuine.replace(b"c" * 32, b"a" * 32))
    assert not check(genuine.replace(b"c" * 32, b"b" * 32))


def test_a_literal_is_not_taken_for_a_word_of_its_shape() -> None:
    genuine = canonical(entry(AT + 1, {"record": HASH, "whole": False}))
    check = _known(genuine)
    for word in (b"fblse", b"fa1se", b"1alse"):
        assert not check(genuine.replace(b"false", word))


@pytest.mark.parametrize("hour", ["24", "29", "3x", "2:"])
def test_a_time_of_the_same_shape_is_looked_at(hour: str) -> None:
    times = ("2028-02-29T23:59:59Z", "2028-02-30T00:00:00Z", "2027-02-29T00:00:00Z",
             "2028-13-01T00:00:00Z", "2028-01-01T00:60:00Z", "2028-01-01T00:00:60Z",
             f"2028-01-01T{hour}:00:00Z")  # fmt: skip
    check = _known(canonical(entry(AT + 1)))
    assert [check(canonical(entry(AT + 1, at=at))) for at in times] == [True] + [False] * 6


@pytest.mark.parametrize(
    ("number", "others"),
    [("12", ["01", "00", "0b", "-1"]), ("-5", ["-0", "05"]), ("1000", ["0100", "1_00"]),
     (str(2**53 - 1), [str(2**53), "9999999999999999"])],
)  # fmt: skip
def test_a_number_of_several_digits_is_looked_at_each_time(number: str, others: list[str]) -> None:
    text = canonical(entry(AT + 1, {"n": 777})).replace(b"777", number.encode())
    check = _known(text)
    for other in others:
        wrong = text.replace(b'"n":' + number.encode(), b'"n":' + other.encode())
        assert check(wrong) == (other == "-1")


def test_entries_in_another_place_are_refused() -> None:
    texts = [canonical(entry(seq)) for seq in range(1, 10)]
    wrong = [
        (texts, 1),
        ([*texts[:4], *texts[5:]], 0),
        ([*texts[:4], texts[5], texts[4], *texts[6:]], 0),
        ([*texts[:4], b"", *texts[4:]], 0),
        ([*texts[:4], texts[4] + b"\n" + texts[5], *texts[6:]], 0),
        ([texts[0].replace(b'"seq":1,', b'"seq":01,')], 0),
        ([texts[0].replace(b'"seq":1,', b'"seq":1,"seq":1,')], 0),
    ]
    assert Shapes(stated=False).read(texts, 0) is not None
    for some, after in wrong:
        assert Shapes(stated=False).read(some, after) is None
        assert Shapes(stated=True).read(_lines(some), after) is None


def test_entries_that_a_walk_looks_into_are_given_with_their_places() -> None:
    log = Log().append(5).succeed().append(3)
    log.records.append(entry(log.size + 1, action="backup.restore", purpose=None))
    log.append(2).succeed()
    texts = list(map(canonical, log.records))
    expected = Leaves(log.leaves(), marked_of(log.records))
    assert [at for at, _ in expected.marked] == [0, 6, 10, 13]
    for _ in range(2):
        assert Shapes(stated=False).read(texts, 0) == expected
        assert Shapes(stated=True).read(_lines(texts), 0) == expected


@pytest.mark.parametrize("genuine", [GENUINE, canonical(entry(AT + 1, WITH_IDS))])
def test_no_changed_byte_of_a_line_is_taken_for_the_line(genuine: bytes) -> None:
    line = _line(genuine)
    for known in ([], [line]):
        shapes = Shapes(stated=True)
        for one in known:
            assert shapes.read([one], AT) is not None
        for at in range(len(line)):
            for bit in (1, 2, 32):
                wrong = line[:at] + bytes([line[at] ^ bit]) + line[at + 1 :]
                assert shapes.read([wrong], AT) is None
            assert shapes.read([line[:at] + line[at + 1 :]], AT) is None


@pytest.mark.parametrize("most", [1, 2, 3])
def test_what_is_forgotten_is_learnt_anew(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(entry_shapes, "MOST_KNOWN", most)
    monkeypatch.setattr(entry_shapes, "MOST_ALIKE", most)
    dice = random.Random(most)
    details = [{dice.choice("abcde"): dice.choice("fghij" * most)} for _ in range(100)]
    texts = [canonical(entry(seq, one)) for seq, one in enumerate(details, 1)]
    shapes = Shapes(stated=True)
    for begin in range(0, 100, 25):
        some = texts[begin : begin + 25]
        assert shapes.read(_lines(some), begin) == Leaves(list(map(leaf_hash, some)), [])


_VALUES = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text() | st.sampled_from(
    [HASH, OTHER, HASH.upper(), "9", "a1", *WORDS]
)  # fmt: skip
_NAMES = st.text() | st.sampled_from(["a", "a1", "a2", "b9", HASH, *WORDS])
_DETAILS = st.dictionaries(_NAMES, _VALUES | st.lists(_VALUES, max_size=3), max_size=4)
# What a shape passes over: digits, and what may stand in ids.
_BYTES = st.sampled_from(b'0123456789abcdefABC-",:\\{}')


@given(_DETAILS, st.lists(st.tuples(st.floats(0, 0.999), _BYTES), max_size=3))
def test_changes_are_judged_as_by_parsing(
    details: dict[str, object], changes: Sequence[tuple[float, int]]
) -> None:
    try:
        genuine = canonical(entry(AT + 1, details))
    except ValueError:
        return  # a lone surrogate, or a number that is too large
    check, wrong = _known(genuine), bytearray(genuine)
    for place, byte in changes:
        at = int(place * len(wrong))
        wrong[at] = byte
    check(bytes(wrong))
    assert check(genuine)
