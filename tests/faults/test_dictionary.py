"""A dictionary against what is left of an erased person, with the database key and every page.

The dictionary has 10,000 REFs, names and disclosures, among them those of the person. It is tried
as it stands, and as every digest that facecli makes. The tables are those of a person's whole
story: register, statements of a photo, REFs that look alike, calibrations, authority.
"""

from __future__ import annotations

import hmac
import json
import re
import shutil
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

from facecli.consent import consents, purposes, subjects
from facecli.consent.agreements import Agreement, Shown
from facecli.consent.skeletons import numbers, skeletons
from facecli.consent.subjects import NewSubject
from facecli.recognition.engines.of_database import engine_of
from facecli.store import templates
from facecli.store.database import Database
from facecli.store.shards import NewSlot
from facecli.store.templates import Capture
from tests.conftest import Clock, Facecli
from tests.consent.test_spent import DIGESTS, is_hex
from tests.faults.worlds import World, populate
from tests.forensics import database_key, plaintext
from tests.prepared import opened, unit

OTHERS = 50  # as many as a calibration needs
SYLLABLES = ["ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu"]
PAIRS = [one + other for one, other in product(SYLLABLES, SYLLABLES)]
REFS = [f"Q-{number:05}" for number in range(10_000)]
NAMES = [f"{one.title()} {other.title()}xz" for one, other in product(PAIRS, PAIRS)]
DISCLOSURES = [f"{one}-court, {other}-file" for one, other in product(PAIRS, PAIRS)]
REGISTER = ("held_elsewhere", "disclosure", "subject_request", "alternative_offer")
FIRST = 7  # bytes of a form, all of a REF
KEY_BYTES = 16  # the shortest key of HMAC that is worth a try


class Story(NamedTuple):
    """What is held of a person, each a word of the dictionary."""

    ref: str
    name: str
    disclosure: str


ERASED = Story(REFS[4711], NAMES[4711], DISCLOSURES[4711])
ANOTHER = Story(REFS[815], NAMES[8150], DISCLOSURES[81])


def tell(facecli: Facecli, story: Story) -> None:
    """Store everything that the tables can hold of a person, and measure the gallery."""
    with opened(facecli) as found, found.act() as act:
        new = NewSubject(story.ref, story.name, minor=True, guardian=f"{story.name} senior")
        subject = subjects.add(act, new)
        gate = purposes.find(act.db, "gate")
        agreement = Agreement("1y", guardian=f"{story.name} senior", notice=Shown("declared"))
        consents.record(act, subject, gate, agreement)
        spec = engine_of(act.db)
        slot = NewSlot(subject.subject_id, gate.purpose_id, spec.engine_id, spec.dimension,
                       unit(1), act.now)  # fmt: skip
        templates.add(act.db, slot, Capture("7" * 64, None, 70, "camera", f"as {story.name}"))
    for command in (
        ["calibrate", "--purpose", "gate"],
        ["subject", "correct", story.ref, "--name", f"{story.name} junior"],
        ["subject", "elsewhere", "add", story.ref, "--what", "photo", "--where", "Card Printers"],
        ["subject", "disclosed", story.ref, "--to", story.disclosure.split(",")[0],
         "--what", story.disclosure, "--basis", f"order on {story.ref}"],
        ["subject", "request", story.ref, "--kind", "complain"],
        ["subject", "hold", story.ref, "--reason", story.disclosure, "--until", "1y"],
        ["subject", "release", story.ref],
    ):  # fmt: skip
        assert facecli(*command).code == 0, command
    with opened(facecli) as found:
        [(request,)] = found.db.tuples("SELECT request_id FROM subject_request")
    answer = ["subject", "answer", request, "--answer", story.disclosure, "--refused", story.name]
    assert facecli(*answer).code == 0


@pytest.fixture(scope="session")
def peopled_once(tmp_path_factory: pytest.TempPathFactory, _ready_once: Path) -> Path:
    folder = tmp_path_factory.mktemp("peopled")
    shutil.copytree(_ready_once, folder, dirs_exist_ok=True)
    populate(World(folder), OTHERS)
    return folder


@pytest.fixture
def peopled(facecli: Facecli, peopled_once: Path) -> Facecli:
    shutil.copytree(peopled_once, facecli.folder, dirs_exist_ok=True)
    return facecli


def forms(words: Iterable[str], keys: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield each word in each form in which it could be stored: as text, skeleton or digest."""
    for word in words:
        data = word.encode()
        yield word, data
        for skeleton in skeletons(word):
            yield word, skeleton.encode()
        yield word, struct.pack(">2i", *numbers(word))  # side by side in the subject's row
        for digest in DIGESTS.values():
            yield word, digest(data)
        for key in keys:
            yield word, hmac.digest(key, data, "sha256")


def keys_in(db: Database) -> set[bytes]:
    """Everything in the table of settings that could be a key."""
    stored = [value for (value,) in db.tuples("SELECT value FROM meta")]
    keys = (bytes.fromhex(one) for one in stored if len(one) % 2 == 0 and is_hex(one))
    return {one for one in keys if len(one) >= KEY_BYTES}


def told(facecli: Facecli, words: Iterable[str], *files: Path) -> set[str]:
    """The words that the pages of these files tell in some form, as bytes or in hexadecimal."""
    with opened(facecli) as found:
        keys = keys_in(found.db)
    secrets = [database_key(path, facecli.key) for path in files]
    keys |= {secret.raw[:32] for secret in secrets}
    sought = defaultdict[bytes, list[tuple[bytes, str]]](list)  # by their first bytes
    for word, form in forms(words, keys):
        for one in (form, form.hex().encode()):
            sought[one[:FIRST]].append((one, word))
    pages = b"".join(plaintext(path, secret) for path, secret in zip(files, secrets, strict=True))
    return {
        word
        for at in range(len(pages))
        if (first := pages[at : at + FIRST]) in sought
        for form, word in sought[first]
        if pages.startswith(form, at)
    }


@pytest.mark.rule("pseudonyms-after-erasure")
def test_a_dictionary_confirms_nothing_of_an_erased_person(peopled: Facecli) -> None:
    tell(peopled, ERASED)
    copy = peopled.folder / "copy.db"
    assert peopled("backup", "create", copy).code == 0
    assert told(peopled, ERASED, copy) == set(ERASED)
    assert peopled("revoke", ERASED.ref, "--yes", "--backups", peopled.folder).code == 0
    assert told(peopled, [*REFS, *NAMES, *DISCLOSURES], peopled.db, copy) == set()


def test_the_attack_finds_a_digest_under_a_stored_key(peopled: Facecli) -> None:
    """An earlier facecli kept used forms so."""
    key = bytes(range(KEY_BYTES))
    with opened(peopled) as found, found.db.transaction():
        found.db.insert("meta", name="evidence_key", value=key.hex())
        tag = hmac.digest(key, ERASED.ref.encode(), "sha256")
        found.db.insert("spent_form", tag=tag)
    assert told(peopled, REFS[4700:4720], peopled.db) == {ERASED.ref}


@pytest.mark.rule("pseudonyms-after-erasure")
def test_the_name_of_an_unfinished_manifest_goes_with_the_person(peopled: Facecli) -> None:
    tell(peopled, ERASED)
    manifests = [(peopled.folder / f"{ref}.csv").resolve() for ref in (ERASED.ref, *REFS[:20])]
    row = f"{ERASED.ref},,gate,missing.jpg,,2026-11-23,"
    manifests[0].write_text(f"ref,name,purpose,image,evidence,given,expires\n{row}\n")
    assert peopled("enroll", "batch", manifests[0], "--notice-shown").code == 3
    copy = peopled.folder / "copy.db"
    assert peopled("backup", "create", copy).code == 0
    paths = [str(path) for path in manifests]
    assert told(peopled, paths, peopled.db) == told(peopled, paths, copy) == {paths[0]}
    assert peopled("revoke", ERASED.ref, "--yes", "--backups", peopled.folder).code == 0
    assert told(peopled, paths, peopled.db, copy) == set()


RANDOM = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{8,}|[0-9A-Za-z+/]{40,}=*"
)  # ids, pseudonyms, hashes


def remainder(facecli: Facecli) -> dict[str, list[str]]:
    """The rows of each table without what is random, and with the sizes of blobs."""
    with opened(facecli) as found:
        names = found.db.tuples("SELECT name FROM sqlite_master WHERE type = 'table'")
        rows = {name: found.db.tuples(f"SELECT * FROM {name}") for (name,) in names}
    return {
        name: sorted(RANDOM.sub("#", json.dumps(row, default=len)) for row in some)
        for name, some in rows.items()
    }


@pytest.mark.rule("pseudonyms-after-erasure")
def test_two_people_with_the_same_story_leave_the_same_rows(
    facecli: Facecli, clock: Clock, peopled_once: Path
) -> None:
    """What differs is random, so that no guess is likelier than another."""
    left = []
    for story in (ERASED, ANOTHER):
        shutil.rmtree(facecli.folder)
        shutil.copytree(peopled_once, facecli.folder)
        tell(facecli, story)
        assert facecli("revoke", story.ref, "--yes").code == 0
        left.append(remainder(facecli))
    assert left[0].keys() == left[1].keys()
    for table, rows in left[0].items():
        assert rows == left[1][table], table
    assert [len(left[0][table]) for table in REGISTER] == [1, 0, 0, 0], "who holds a photo stays"
