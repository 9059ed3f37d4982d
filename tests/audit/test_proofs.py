"""Somebody who keeps an entry and its proof can show that it is in the log."""

from __future__ import annotations

import pytest

from facecli.audit.proofs import Proof, prove
from facecli.errors.audit import ProofFalse
from tests.audit.logs import Log

# The example of c2sp.org/tlog-proof; there its signatures are shortened.
EXAMPLE = """c2sp.org/tlog-proof@v1
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

— example.com/fancylog hI2DJw==
"""


def test_the_specification_s_example_is_read_and_written_alike() -> None:
    proof = Proof.parse(EXAMPLE)
    assert proof.index == 73894
    assert len(proof.path) == 5
    assert proof.extra is None
    assert proof.checkpoint.startswith("example.com/fancylog\n109482\n")
    assert proof.text == EXAMPLE


def test_extra_data_is_carried() -> None:
    text = EXAMPLE.replace("index", "extra YWdl\nindex", 1)
    assert Proof.parse(text).extra == b"age"
    assert Proof.parse(text).text == text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("index 73894", "index 073894"),
        ("index 73894", "index -1"),
        ("index 73894\n", ""),
        ("gSKy", "gSK"),
        ("gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=", "gSKy"),
        ("\n\n", "\n"),
    ],
)
def test_what_is_no_proof_is_refused(old: str, new: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Proof.parse(EXAMPLE.replace(old, new))


def test_an_entry_is_proven_in_its_place_and_no_other() -> None:
    log = Log().append(2).succeed().append(9)
    note, tree = log.seal(), log.tree()
    for index, record in enumerate(log.records):
        path = tuple(tree.inclusion(index, log.size))
        text = Proof(index, path, note).text
        proven = prove(record, text, log.trust_key, "certificate")
        assert (proven.entry, proven.checkpoint.size) == (record, log.size)
        with pytest.raises(ProofFalse, match=f"entry {index + 1} "):
            prove({**record, "outcome": "failed"}, text, log.trust_key, "certificate")
        with pytest.raises(ProofFalse):
            prove(record, Proof(index + 1, path, note).text, log.trust_key, "certificate")


@pytest.mark.parametrize("entry", [None, [], {}, {"seq": 1.0}, {"seq": True}, {"seq": "1"}])
@pytest.mark.parametrize("proof", [None, "", "c2sp.org/tlog-proof@v1\nindex 0\n\n", 7])
def test_what_is_no_entry_or_proof_is_damaged(entry: object, proof: object) -> None:
    with pytest.raises(ProofFalse, match="damaged"):
        prove(entry, proof, Log().trust_key, "certificate")
