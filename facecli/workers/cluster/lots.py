"""The messages between the holder, its client process and the workers of a cluster.

Several tasks travel together as a lot: the way through a scheduler costs some milliseconds.
"""

from __future__ import annotations

import hashlib
import pickle
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from facecli import __version__
from facecli.workers.wire import Between

LOT = 16
"""Tasks in a lot, at most."""
LOT_BYTES = 8 * 2**20
"""Bytes of a lot after which it takes no further task."""
_NAMED = re.compile(r"[0-9a-f]{64}")
_TEXT = re.compile(r"facecli [\w.+-]{1,40} [\w.-]{1,80} [0-9a-f]{12}")


@dataclass(frozen=True)
class Identity:
    """The maker of answers: equal identities make equal templates.

    version: of facecli. engine: its id. models: SHA-256 over those of its networks.
    """

    version: str
    engine: str
    models: str

    @property
    def text(self) -> str:
        """The identity in one word of the scheduler's: only workers that state it get tasks."""
        return f"facecli {self.version} {self.engine} {self.models[:12]}"


def identity_of(engine: str, parts: Sequence[str]) -> Identity:
    """Return the identity of an engine in this version of facecli.

    Args:
        engine: its id.
        parts: texts that name the SHA-256 of each of its networks, which are checked when loaded.
    """
    named = [digest for part in parts for digest in _NAMED.findall(part)]
    return Identity(__version__, engine, hashlib.sha256(" ".join(named).encode()).hexdigest())


def is_identity(text: str) -> bool:
    """Return True for the text of an identity."""
    return _TEXT.fullmatch(text) is not None


# -- between the client process and a worker ----------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """The outcome of one task: a packed result, or a packed code and message of a failure."""

    failed: bool
    content: bytes


@dataclass(frozen=True)
class LotAnswer:
    """The answer of a worker. node: its address. outcomes: in the order of the tasks."""

    node: str
    identity: Identity
    outcomes: tuple[Outcome, ...]


def pack_tasks(tasks: Sequence[Any]) -> bytes:
    """Return tasks as bytes. They travel only from the holder to a worker, which trusts it."""
    return pickle.dumps(list(tasks), pickle.HIGHEST_PROTOCOL)


def unpack_tasks(content: bytes) -> list[Any]:
    """Return the tasks that `pack_tasks` was given. Call it in a worker only."""
    tasks: list[Any] = pickle.loads(content)  # noqa: S301 - from the holder
    return tasks


# -- between the holder and its client process --------------------------------------------


@dataclass(frozen=True)
class Submission:
    """A lot to submit. avoid: the worker that should not have it, or an empty text."""

    number: int
    content: bytes
    avoid: str = ""


@dataclass(frozen=True)
class Turn:
    """A question to the client process. wait: seconds, unless a lot ends before."""

    lots: tuple[Submission, ...] = ()
    wait: float = 0.0


@dataclass(frozen=True)
class Done:
    """A lot that has ended.

    answer: a packed `LotAnswer`, or None if there is none. holder: the worker that gave
    something else, or an empty text.
    """

    number: int
    answer: bytes | None
    holder: str = ""


@dataclass(frozen=True)
class Trouble:
    """The reason why the cluster cannot be used. detail: names versions or the like."""

    kind: Literal["absent", "late", "not-dask", "plain", "certificate", "version", "lost"]
    detail: str = ""


@dataclass(frozen=True)
class Report:
    """The state of the cluster, as the client process knows it.

    threads: of the workers with the identity that is asked for; None: not looked at.
    others: identities of other workers, each once; an empty text stands for what is not facecli.
    """

    done: tuple[Done, ...] = ()
    threads: Annotated[int, Between(0, 1_000_000)] | None = None
    others: tuple[str, ...] = ()
    trouble: Trouble | None = None
