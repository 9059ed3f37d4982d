"""A long random course of the register against a model that counts: nothing is lost or revived."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from facecli.consent import retention_facts, subjects
from facecli.consent.register import disclosures, elsewhere, requests
from facecli.consent.retention import decide
from facecli.erasure.erasing import Erasable, erase
from tests.consent.conftest import World

STEPS = 200


class Model:
    """The register as a few lists; people by REF."""

    def __init__(self) -> None:
        self.people: set[str] = set()
        self.items: dict[str, str | None] = {}  # open ones; the REF, None once it is erased
        self.waiting: dict[str, str] = {}
        self.counts: Counter[str] = Counter()


def step(world: World, model: Model, dice: random.Random, number: int) -> None:
    """One act of an operator, in the database and in the model."""
    ref = dice.choice(sorted(model.people)) if model.people else ""
    what = dice.choice(["add", "hold", "hold", "confirm", "ask", "answer", "tell", "erase", "wait"])
    if what == "wait":
        world.wait(days=dice.randrange(20))
    elif what == "add" or not ref:
        world.add(f"R-{number}", name=f"Name {number}")
        model.people.add(f"R-{number}")
    elif what == "erase":
        _erase(world, ref)
        model.people.discard(ref)
        model.items = {item: None if of == ref else of for item, of in model.items.items()}
        gone = [asked for asked, of in model.waiting.items() if of == ref]
        model.counts["unanswered"] += len(gone)
        for asked in gone:
            del model.waiting[asked]
    else:
        with world.act() as act:
            act.record("test")
            _entry(act, model, dice, what, ref)


def _entry(act: Any, model: Model, dice: random.Random, what: str, ref: str) -> None:
    subject = subjects.find(act.db, ref)
    if what == "hold":
        model.items[elsewhere.add(act, subject, "photo", "A vendor", None).item_id] = ref
    elif what == "confirm" and model.items:
        item = dice.choice(sorted(model.items))
        elsewhere.confirm(act, item, "e" * 64)
        del model.items[item]
        model.counts["confirmed"] += 1
    elif what == "ask":
        model.waiting[requests.record(act, subject, "access", None).request_id] = ref
    elif what == "answer" and model.waiting:
        asked = dice.choice(sorted(model.waiting))
        requests.answer(act, asked, "done", None)
        del model.waiting[asked]
        model.counts["answered"] += 1
    elif what == "tell":
        disclosures.record(act, subject, "A court", "a photo", "an order", None)
        model.counts["told"] += 1


def _erase(world: World, ref: str) -> None:
    fact = retention_facts.of_one(world.db, subjects.find(world.db, ref))
    found = decide(fact, {}, "9999-01-01T00:00:00Z")
    whole = tuple(one._replace(decision="due", reason="withdrawn") for one in found)
    with world.act() as act:
        erase(act, [Erasable(fact, whole)], action="revoke")


def check(world: World, model: Model) -> None:
    """The database has what the model has, and nothing of anybody who left."""
    still_open = {
        one.item_id: one.ref for one in elsewhere.list_all(world.db) if one.state == "open"
    }
    assert still_open == model.items
    assert {one.request_id: one.ref for one in requests.list_open(world.db)} == model.waiting
    counted = requests.count(world.db, world.now)
    assert (counted.open, counted.answered) == (len(model.waiting), model.counts["answered"])
    assert counted.erased == model.counts["unanswered"]
    assert disclosures.count(world.db)["recorded"] == model.counts["told"]
    kept = sum(one.state == "confirmed" for one in elsewhere.list_all(world.db))
    erased = world.db.value(
        "SELECT coalesce(sum(number), 0) FROM register_count WHERE what = ?", (elsewhere.CONFIRMED,)
    )
    assert kept + erased == model.counts["confirmed"]
    assert {one.ref for one in subjects.list_all(world.db)} == model.people


def test_the_register_counts_as_a_model_does(world: World) -> None:
    dice, model = random.Random(11), Model()
    for number in range(STEPS):
        step(world, model, dice, number)
        if number % 20 == 0:
            check(world, model)
    check(world, model)
    assert None in model.items.values()
    assert min(model.counts.values()) > 3
