"""One change to one file of evidence: of a byte, a number, a word, a line, a member, its form."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

INSERTED = [b" ", b"\n", b"\r\n", b"\r", b"\t", b"\xef\xbb\xbf", b"\0", b"\x7f", b",", b"{}", b'"',
            b"\xc2\x85", b"\xe2\x80\xa8", b"\xff"]  # fmt: skip
NUMBERS = [b"0%b", b"-%b", b"%b.0", b"%be0", b"%b1", b'"%b"', b"1e2", b"-0", b"true", b"null",
           b"99999999999999999999", b"9007199254740993"]  # fmt: skip
WORDS = [b'""', b"null", b"7", b"[]", b"{}", b"true", b'"\\/"', b'"\xc3\xa9"', b'"\xff"',
         b'"\\ud800"', b'"\\ud83d\\ude00"', b'"\xf0\x9f\x98\x80"', b'"done"', b'"log.epoch"',
         b'"init"', b'"facecli.consent-receipt/1"', b'"facecli.log-export/1"']  # fmt: skip
VALUES: list[Any] = [None, 7, -1, "", "x", [], {}, [[]], [{}], {"a": 1}, True, 2**60, 1.5, [None]]
OTHERS = [b"", b"\n", b"{}", b"[]", b"[" * 100_000, b"null", b"{", b"old 1\n", b"\x1f\x8b",
          b"seq,at,actor_uid\n"]  # fmt: skip
FORMS: list[Callable[[bytes], bytes]] = [
    lambda data: data.replace(b"\n", b"\r\n"),
    lambda data: data.replace(b"\n", b"\r\r\n"),
    lambda data: data.replace(b"\n", b"\n\n"),
    lambda data: data.replace(b"\n", b"\r"),
    lambda data: data.rstrip(b"\n"),
    lambda data: data + b"\n",
    lambda data: data + b"\r\n\r\n",
    lambda data: b"\n" + data,
    lambda data: b"\xef\xbb\xbf" + data,
    lambda data: data.decode().encode("utf-16"),
    lambda data: data + data,
    lambda data: data + b" ",
    lambda data: b" " + data,
    lambda data: data + b"\0",
]
Change = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def changed(data: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """Return a file with one change, chosen by `dice`.

    Args:
        data: the file; UTF-8.
        others: files of other kinds, for lines of them or one of them in its place.
    """
    while (new := dice.choice(CHANGES)(data, dice, others)) == data:
        pass
    return new


def _byte(data: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    at = dice.randrange(len(data))
    new = dice.choice([bytes([data[at] ^ 1 << dice.randrange(8)]), dice.randbytes(1)])
    return data[:at] + new + data[at + 1 :]


def _bytes(data: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    """Remove, repeat or insert some."""
    begin = dice.randrange(len(data))
    end = min(len(data), begin + dice.randint(1, 40))
    middle = dice.choice([b"", data[begin:end] * 2, dice.choice(INSERTED) + data[begin:end]])
    return data[:begin] + middle + data[end:]


def _end(data: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    at = dice.randrange(1, len(data))
    return dice.choice([data[:at], data[at:]])


def _number(data: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    def new(old: bytes) -> bytes:
        form = dice.choice([b"%d" % (int(old) + 1), b"%d" % max(0, int(old) - 1), *NUMBERS])
        return form.replace(b"%b", old)

    return _one(data, dice, rb"(?<![\w+/])[0-9]{1,6}(?![\w+/=])", new)


def _base64(data: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    def new(old: bytes) -> bytes:
        at, bare = dice.randrange(len(old)), old.rstrip(b"=")
        pad = old[len(bare) :]
        return dice.choice([
            old + b"=", bare, old[:4], old[4:], old * 2, b"",
            bare[:-1] + bytes([bare[-1] + 1]) + pad,
            old[:at] + dice.choice([b"A", b"b", b"/", b"-", b"_"]) + old[at + 1 :],
        ])  # fmt: skip

    return _one(data, dice, rb"[A-Za-z0-9+/]{40,}={0,2}", new)


def _word(data: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    def new(old: bytes) -> bytes:
        escaped = b'"\\u%04x%b' % (old[1], old[2:])
        return dice.choice([*WORDS, old.upper(), old * 2, old[:-1] + b' "', escaped])

    return _one(data, dice, rb'"[^"\\\n]{0,70}"', new)


def _space(data: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    return _one(data, dice, rb"[,:{}\[\]]", lambda old: old + b" ")


def _lines(data: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """Remove, repeat, exchange or replace one."""
    lines = data.split(b"\n")
    one, two = (dice.randrange(len(lines)) for _ in range(2))
    match dice.randrange(4):
        case 0:
            del lines[one]
        case 1:
            lines.insert(one, lines[two])
        case 2:
            lines[one], lines[two] = lines[two], lines[one]
        case _:
            lines[one] = dice.choice(dice.choice(others).split(b"\n"))
    return b"\n".join(lines)


def _member(data: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    """Remove, replace or add a member of a line's object, or of the whole file's."""
    lines = [data] if data.startswith(b"{\n") else data.split(b"\n")
    at = dice.randrange(len(lines))
    if not lines[at].startswith(b"{"):
        return data
    record = where = json.loads(lines[at])
    while (inner := _objects_in(where)) and dice.random() < 0.6:
        where = dice.choice(inner)
    name = dice.choice(sorted(where))
    match dice.randrange(3):
        case 0:
            del where[name]
        case 1:
            where[name] = dice.choice(VALUES)
        case _:
            where[f"{name}x"] = dice.choice(VALUES)
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return b"\n".join([*lines[:at], text.encode(), *lines[at + 1 :]])


def _objects_in(value: dict[str, Any]) -> list[dict[str, Any]]:
    values = [one for each in value.values() for one in (each if type(each) is list else [each])]
    return [one for one in values if isinstance(one, dict) and one]


def _form(data: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    return dice.choice(FORMS)(data)


def _other(_: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    return dice.choice([*others, *OTHERS])


CHANGES: list[Change] = [
    _byte, _bytes, _end, _number, _base64, _word, _space, _lines, _member, _form, _other,
]  # fmt: skip


def _one(data: bytes, dice: random.Random, pattern: bytes, new: Callable[[bytes], bytes]) -> bytes:
    """Replace one place where `pattern` is found."""
    found = list(re.finditer(pattern, data))
    if not found:
        return data
    one = dice.choice(found)
    return data[: one.start()] + new(one[0]) + data[one.end() :]
