"""A worker of a test's cluster: `node.serve` with digests, and lies where a word asks for them.

    python -m tests.workers.cluster.serving ADDRESS CA CERT KEY ENGINE LIES

LIES is `yes` for a worker that has been taken over; so is one whose engine is `faces`.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from typing import Any

from facecli.workers import wire
from facecli.workers.answers import Failure
from facecli.workers.cluster import node
from facecli.workers.cluster.access import access
from facecli.workers.cluster.lots import Identity, LotAnswer, Outcome
from tests import waiting
from tests.workers.cluster import faces
from tests.workers.cluster.jobs import Digest, digest_worker

MODELS = "ab" * 32
LIES = ("another", "garbage", "empty", "pickled", "fewer", "imposter", "class", "code")
"""What a worker may answer that no sound one does."""


def identity(engine: str) -> Identity:
    """What the workers of a test are."""
    return Identity("1.2.3", engine, MODELS)


def lie(content: bytes, answer: bytes) -> Any:
    """What a worker that has been taken over answers to a lot with such a word."""
    kind = next((one for one in LIES if f"lie-{one}".encode() in content), "")
    if kind == "garbage":
        return b"\xff" * 64
    if kind == "empty":
        return b""
    if kind == "pickled":
        return Evil()
    whole = wire.unpack(answer, LotAnswer)
    if kind == "fewer":
        whole = replace(whole, outcomes=whole.outcomes[:-1])
    if kind == "imposter":
        whole = replace(whole, identity=identity("another"))
    if kind == "class":
        whole = replace(whole, outcomes=(Outcome(False, wire.pack(whole.identity)),) * 99)
    return wire.pack(whole)


class Evil:
    """An object that runs code where it is unpickled: in the client's process."""

    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("unpickled",)


def lying_packed(outcome: Any) -> Outcome:
    """Pack an outcome that is a lie, by the name that the honest worker was given."""
    if isinstance(outcome, Failure):
        return Outcome(True, wire.pack(("NOT A CODE", outcome.message)))
    return Outcome(False, wire.pack(Digest(outcome.path, "0" * 64)))


def main() -> None:
    """Serve until told to end."""
    address, ca, cert, key, engine, lies = sys.argv[1:]
    if lies == "yes":
        sound, sound_packed = node.answer, node.packed

        def answer(named: str, content: bytes) -> Any:
            bare = any(f"lie-{one}".encode() in content for one in ("another", "code"))
            node.packed = lying_packed if bare else sound_packed
            if b"lie-silent" in content:
                wanted = node._wanted()
                waiting.until(lambda: not wanted())
            return lie(content, sound(named, content))

        node.answer = answer  # type: ignore[assignment]
    setup: Any = digest_worker
    if engine == "faces":
        setup, packed = partial(faces.invented_worker, "sface"), node.packed
        node.packed = lambda outcome: packed(faces.forged(outcome))
    terms = node.Terms(access(address, ca, cert, key), identity(engine), setup)
    node.serve(terms, lambda sentence: print(sentence, flush=True))


if __name__ == "__main__":
    main()
