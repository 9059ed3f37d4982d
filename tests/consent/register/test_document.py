"""Everything that the register has on one subject: all parts, by index, and of nobody else."""

from __future__ import annotations

from facecli.consent import subjects
from facecli.consent.register import disclosures, document, elsewhere, leaving, requests
from tests.consent.conftest import World


def filled(world: World, ref: str = "A-1") -> None:
    """Fill every table of the register for a subject."""
    world.add(ref, offered_alternative=True)
    with world.act() as act:
        subject = subjects.find(act.db, ref)
        elsewhere.add(act, subject, "photo", "Gate Vendor Ltd", None)
        disclosures.record(act, subject, f"Court of {ref}", "a photo", "an order", None)
        requests.record(act, subject, "access", None)


def test_all_parts_are_there_and_nothing_of_others(world: World) -> None:
    filled(world, "A-1")
    filled(world, "A-2")
    found = document.of_subject(world.db, subjects.find(world.db, "A-1"), world.now)
    assert {name: len(rows) for name, rows in found.items()} == {
        "elsewhere": 1, "disclosures": 1, "requests": 1, "alternative_offers": 1,
    }  # fmt: skip
    assert "A-2" not in str(found)
    [item], [request] = found["elsewhere"], found["requests"]
    assert (item["where"], item["state"], request["state"]) == ("Gate Vendor Ltd", "open", "open")
    assert {"ref", "case_id", "place"}.isdisjoint(item)


def test_each_lookup_of_a_subject_goes_by_an_index(world: World) -> None:
    """`subject show` asks these questions; with a million subjects, none may read a table."""
    world.add()
    subject = subjects.find(world.db, "A-1")
    asked: list[str] = []
    world.db._connection.set_trace_callback(asked.append)
    document.of_subject(world.db, subject, world.now)
    world.db._connection.set_trace_callback(None)
    questions = [sql for sql in asked if sql.startswith("SELECT")]
    assert len(questions) == len(leaving.TABLES) + 1  # and the breaches of the whole database
    for sql in questions:
        steps = [row["detail"] for row in world.db.rows(f"EXPLAIN QUERY PLAN {sql}")]
        assert not [step for step in steps if step.startswith("SCAN")], (sql, steps)
