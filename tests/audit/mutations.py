"""Random damage to exports and checkpoints, for two verifiers to agree on.

FACECLI_LOG_MUTATIONS says how many; `make test` takes 500.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Sequence
from typing import NamedTuple

from facecli.audit.checkpoints import Statement, make_checkpoint
from tests.audit.logs import ORIGIN, Log, line_of

MUTATIONS = int(os.environ.get("FACECLI_LOG_MUTATIONS", "500"))
Lines = list[bytes]


class Mutated(NamedTuple):
    """A log, some exports of it or of its other states, checkpoints, and the number of faults."""

    log: Log
    exports: list[Lines]
    held: list[bytes]
    faults: int


def mutated(states: Sequence[Log], dice: random.Random) -> Mutated:
    """Return files of a log, some of them damaged or of another state."""
    log, exports, faults = dice.choice(states), [], 0
    for _ in range(dice.choice([1, 1, 2, 3])):
        source = log if dice.random() < 0.8 else dice.choice(states)
        after = dice.choice([0, 0, dice.randint(0, source.size)])
        until = dice.choice([source.size, source.size, dice.randint(after, source.size)])
        other = dice.choice([source, source, source, dice.choice(states)])
        lines = source.export(after, until, other.seal())
        damages = dice.choice([0, 0, 1, 2])
        for _ in range(damages):
            lines = _tampered(lines, states, dice) if lines else lines
        exports.append(lines or [b"\n"])
        faults += (source is not log) + (other is not source) + damages
    held = []
    for _ in range(dice.choice([0, 0, 1, 2])):
        source = dice.choice(states)
        held.append(_damaged(source, dice))
        faults += source is not log or held[-1] != source.seal().encode()
    return Mutated(log, exports, held, faults)


def as_lines(data: bytes) -> Lines:
    """Split at newlines, which stay."""
    return re.findall(rb"[^\n]*\n|[^\n]+", data)


def _tampered(lines: Lines, states: Sequence[Log], dice: random.Random) -> Lines:
    lines, at = list(lines), dice.randrange(len(lines))
    other = dice.choice(states)
    match dice.randrange(10):
        case 0:
            byte = dice.randrange(len(lines[at]))
            lines[at] = lines[at][:byte] + dice.randbytes(1) + lines[at][byte + 1 :]
        case 1:
            del lines[at]
        case 2:
            lines.insert(at, dice.choice(lines))
        case 3:
            dice.shuffle(lines)
        case 4:
            lines[at] = dice.choice(other.lines())
        case 5:
            record = {**dice.choice(other.records), "outcome": "refused", "seq": at + 1}
            lines[at] = line_of(record)
        case 6:
            lines[-1] = other.export()[-1]
        case 7:
            data = b"".join(lines)
            lines = as_lines(data[: dice.randrange(len(data))])
        case 8:
            lines = lines[: at + 1]
        case 9:
            lines[-1] = re.sub(
                rb'"(after|until|began|epoch)":(\d+)',
                lambda found: b'"%s":%d' % (found[1], max(0, int(found[2]) + dice.choice([-1, 1]))),
                lines[-1],
                count=dice.choice([1, 2]),
            )
    return lines


def _damaged(log: Log, dice: random.Random) -> bytes:
    data = log.seal().encode()
    at = dice.randrange(len(data))
    match dice.randrange(8):
        case 0:
            return data[:at] + dice.randbytes(1) + data[at + 1 :]
        case 1:
            size = dice.randint(1, log.size)
            root = log.tree().root(size) if dice.random() < 0.7 else dice.randbytes(32)
            note = make_checkpoint(
                Statement(ORIGIN, size, root), log.trust_key, log.identity, log.epochs[-1],
                log.key, log.first.verifier().public,
            )  # fmt: skip
            return note.encode()
        case _:
            return data
