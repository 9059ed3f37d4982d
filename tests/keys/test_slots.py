"""The slots file: what opens a slot, what is bound to it, and what a bad file does."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from facecli.errors.keys import NoSlots, WrongKey
from facecli.errors.store import AlreadyThere, StoreFailed
from facecli.keys import slots, wrapping
from facecli.keys.slots import DatabaseKey, Secret, SlotFile
from tests.shut import shut

NOW = "2026-11-23T21:00:00Z"
KEY = DatabaseKey(bytes(range(48)))
DESK = Secret("passphrase", b"a passphrase of the desk")
CRON = Secret("key-file", b"0123456789abcdef of cron")
PATH = Path("some.db")


@pytest.fixture(scope="module")
def two() -> SlotFile:
    """A passphrase slot `desk` and a key-file slot `cron` around one key."""
    one, _ = SlotFile("4f2a", ()).with_slot("desk", DESK, KEY, NOW)
    both, _ = one.with_slot("cron", CRON, KEY, NOW)
    return both


def altered(slot_file: SlotFile, change: Callable[[Any], object]) -> SlotFile:
    document = json.loads(slot_file.to_json())
    change(document)
    return SlotFile.from_json(json.dumps(document), PATH)


@pytest.mark.parametrize(("secret", "label"), [(DESK, "desk"), (CRON, "cron")])
def test_every_slot_opens_with_its_own_secret(two: SlotFile, secret: Secret, label: str) -> None:
    unlocked = two.unlock(secret, PATH)
    assert unlocked.label == label
    assert unlocked.database_keys == (KEY,)
    assert KEY.salt == bytes(range(32, 48))


@pytest.mark.parametrize(
    "secret",
    [
        Secret("passphrase", b"a passphrase of the desk "),
        Secret("passphrase", CRON.value),
        Secret("key-file", DESK.value),
        Secret("key-file", CRON.value[:-1]),
        Secret("key-file", CRON.value + b"\n"),
    ],
)
def test_no_slot_opens_with_another_secret(two: SlotFile, secret: Secret) -> None:
    with pytest.raises(WrongKey) as refused:
        two.unlock(secret, PATH)
    assert refused.value.exit_code == 12


def test_the_slot_key_is_the_one_that_was_handed_out() -> None:
    slot_file, slot_key = SlotFile("4f2a", ()).with_slot("cron", CRON, KEY, NOW)
    assert slot_file.unlock(CRON, PATH).slot_key == slot_key
    assert len(slot_key) == 32


def test_two_slots_of_one_secret_share_nothing_that_can_be_read(two: SlotFile) -> None:
    again, _ = two.with_slot("cron-2", CRON, KEY, NOW)
    _, first, second = again.slots
    assert first.derivation["salt"] != second.derivation["salt"]
    assert first.wrapped_slot_key != second.wrapped_slot_key
    assert first.wrapped_database_keys != second.wrapped_database_keys


def test_text_and_back(two: SlotFile) -> None:
    assert SlotFile.from_json(two.to_json(), PATH) == two


def test_passphrases_cost_what_rfc_9106_recommends(two: SlotFile) -> None:
    derivation = two.slots[0].derivation
    assert derivation["function"] == "argon2id"
    assert {name: derivation[name] for name in ("memory_kib", "iterations", "lanes")} == {
        "memory_kib": 65536,
        "iterations": 3,
        "lanes": 4,
    }
    assert two.slots[1].derivation["function"] == "hkdf-sha256"


# -- binding ------------------------------------------------------------------------------


def test_a_slot_is_bound_to_its_database(two: SlotFile) -> None:
    with pytest.raises(WrongKey):
        replace(two, database_id="4f2b").unlock(CRON, PATH)


def test_a_slot_is_bound_to_its_label(two: SlotFile) -> None:
    renamed = altered(two, lambda document: document["slots"][1].update(label="desk"))
    with pytest.raises(WrongKey):
        renamed.unlock(CRON, PATH)


def test_a_slot_is_bound_to_its_kind(two: SlotFile) -> None:
    _, cron = two.slots
    other = replace(two, slots=(replace(cron, kind="passphrase"),))
    with pytest.raises(WrongKey):
        other.unlock(Secret("passphrase", CRON.value), PATH)


def test_the_two_wraps_of_a_slot_cannot_change_places(two: SlotFile) -> None:
    def swap(document: Any) -> None:
        cron = document["slots"][1]
        cron["slot_key"], cron["database_keys"] = cron["database_keys"][0], [cron["slot_key"]]

    with pytest.raises(WrongKey):
        altered(two, swap).unlock(CRON, PATH)


def test_the_database_key_of_one_slot_does_not_fit_another(two: SlotFile) -> None:
    other, _ = two.with_slot("night", CRON, DatabaseKey.random(), NOW)

    def transplant(document: Any) -> None:
        document["slots"] = [
            {**document["slots"][1], "database_keys": document["slots"][2]["database_keys"]}
        ]

    with pytest.raises(WrongKey):
        altered(other, transplant).unlock(CRON, PATH)


@pytest.mark.parametrize("part", ["slot_key", "database_keys"])
def test_a_flipped_bit_opens_nothing(two: SlotFile, part: str) -> None:
    cron = two.slots[1]
    wrapped = cron.wrapped_slot_key if part == "slot_key" else cron.wrapped_database_keys[0]
    for at in range(len(wrapped)):
        bad = wrapped[:at] + bytes([wrapped[at] ^ 1]) + wrapped[at + 1 :]
        slot = (
            replace(cron, wrapped_slot_key=bad)
            if part == "slot_key"
            else replace(cron, wrapped_database_keys=(bad,))
        )
        with pytest.raises(WrongKey):
            replace(two, slots=(slot,)).unlock(CRON, PATH)


@pytest.mark.parametrize(
    ("name", "value"), [("created_at", "2020-01-01T00:00:00Z"), ("label", "other")]
)
def test_a_slot_is_bound_to_its_label_and_its_time(two: SlotFile, name: str, value: str) -> None:
    changed = altered(two, lambda document: document["slots"][1].update({name: value}))
    with pytest.raises(WrongKey):
        changed.unlock(CRON, PATH)


def test_altered_slots_are_found_with_the_slots_own_keys() -> None:
    one, desk_key = SlotFile("4f2a", ()).with_slot("desk", DESK, KEY, NOW)
    both, cron_key = one.with_slot("cron", CRON, KEY, NOW)
    own = {"desk": desk_key, "cron": cron_key}
    assert both.altered(own) == []
    assert both.with_keys([DatabaseKey.random()], own).altered(own) == []
    changed = altered(both, lambda document: document["slots"][0].update(created_at="2020"))
    assert changed.altered(own) == ["desk"]
    assert both.altered({"desk": desk_key}) == ["cron"]


def test_a_slot_of_an_earlier_facecli_opens_without_its_time() -> None:
    one, slot_key = SlotFile("4f2a", ()).with_slot("cron", CRON, KEY, NOW)
    (cron,) = one.slots
    secret = wrapping.derive(CRON.value, cron.derivation)
    old = replace(
        cron,
        wrapped_slot_key=wrapping.wrap(
            secret, slot_key, wrapping.binding("4f2a", "cron", "key-file", "slot-key")
        ),
        wrapped_database_keys=(
            wrapping.wrap(
                slot_key, KEY.raw, wrapping.binding("4f2a", "cron", "key-file", "database-key")
            ),
        ),
    )
    assert replace(one, slots=(old,)).unlock(CRON, PATH).database_keys == (KEY,)


@pytest.mark.parametrize("wrapped", ["", "AAAA", "A" * 16])
def test_a_wrap_cut_short_opens_nothing(two: SlotFile, wrapped: str) -> None:
    with pytest.raises(WrongKey):
        altered(two, lambda d: d["slots"][1].update(slot_key=wrapped)).unlock(CRON, PATH)


def test_while_a_rotation_is_under_way_both_keys_come_out(two: SlotFile) -> None:
    new = DatabaseKey.random()
    one, slot_key = SlotFile("4f2a", ()).with_slot("cron", CRON, KEY, NOW)
    bound = wrapping.binding("4f2a", "cron", "key-file", "database-key")
    cron = one.slots[0]
    both = (*cron.wrapped_database_keys, wrapping.wrap(slot_key, new.raw, bound))
    rotating = replace(one, slots=(replace(cron, wrapped_database_keys=both),))
    assert rotating.unlock(CRON, PATH).database_keys == (KEY, new)


# -- files that are not right ---------------------------------------------------------------

ABSURD = [
    {"memory_kib": 2**40},
    {"memory_kib": 4 * 1024 * 1024 + 1},
    {"memory_kib": 0},
    {"memory_kib": -1},
    {"memory_kib": 8},  # less than 8 for each lane
    {"iterations": 0},
    {"iterations": 10**9},
    {"iterations": 2.5},
    {"iterations": True},
    {"lanes": 0},
    {"lanes": 65},
    {"lanes": "4"},
    {"lanes": None},
    {"salt": ""},
    {"salt": "AAAA"},
    {"salt": "é"},
    {"salt": "not base64!"},
    {"salt": 5},
    {"function": "argon2i"},
    {"function": "hkdf-sha256"},  # a passphrase without its cost
    {"function": None},
]


@pytest.mark.parametrize("change", ABSURD, ids=str)
def test_absurd_parameters_are_refused_before_they_cost_anything(
    two: SlotFile, change: dict[str, Any]
) -> None:
    with pytest.raises(NoSlots, match="damaged") as refused:
        altered(two, lambda document: document["slots"][0]["derivation"].update(change))
    assert refused.value.exit_code == 12


def test_a_key_file_slot_cannot_be_turned_into_a_cheap_passphrase_slot(two: SlotFile) -> None:
    with pytest.raises(NoSlots):
        altered(two, lambda document: document["slots"][1].update(kind="passphrase"))


@pytest.mark.parametrize(
    "name", ["label", "kind", "created_at", "derivation", "slot_key", "database_keys"]
)
def test_a_slot_with_a_field_missing_is_damage(two: SlotFile, name: str) -> None:
    with pytest.raises(NoSlots, match="damaged"):
        altered(two, lambda document: document["slots"][0].pop(name))


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "[]", "1", "null", '"text"', "{", "[" * 100_000, '{"schema": "facecli.keys/1"}',
        '{"schema": "facecli.keys/1", "database_id": "a", "slots": 5}',
        '{"schema": "facecli.keys/1", "database_id": "a", "slots": {"a": 1}}',
        '{"schema": "facecli.keys/1", "database_id": "a", "slots": [null]}',
    ],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_a_damaged_file_is_said_to_be_damaged(text: str) -> None:
    with pytest.raises(NoSlots, match="damaged"):
        SlotFile.from_json(text, PATH)


def test_a_file_of_a_later_kind_is_not_guessed_at(two: SlotFile) -> None:
    text = two.to_json().replace("facecli.keys/1", "facecli.keys/2")
    with pytest.raises(NoSlots, match="does not know"):
        SlotFile.from_json(text, PATH)


def test_the_slots_of_another_database_do_not_open_this_one(tmp_path: Path, two: SlotFile) -> None:
    slots.create(tmp_path / "a.db", two)
    foreign, _ = SlotFile("beef", ()).with_slot("cron", CRON, DatabaseKey.random(), NOW)
    slots.create(tmp_path / "b.db", foreign)
    opened = slots.read(tmp_path / "b.db").unlock(CRON, tmp_path / "b.db")
    assert opened.database_keys != (KEY,)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(NoSlots, match=r"x\.db\.keys are missing"):
        slots.read(tmp_path / "x.db")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "x.db.keys").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NoSlots, match="not readable"):
        slots.read(tmp_path / "x.db")


def test_slots_in_a_folder_that_this_user_may_not_enter_are_not_readable(tmp_path: Path) -> None:
    with shut(tmp_path), pytest.raises(NoSlots, match="not readable"):
        slots.read(tmp_path / "x.db")


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["a directory", "a pipe"])
def test_no_regular_file_is_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "x.db.keys")
    with pytest.raises(NoSlots, match="no regular file"):
        slots.read(tmp_path / "x.db")


# -- nothing secret is shown ----------------------------------------------------------------


def test_nothing_secret_stands_in_a_repr_or_in_the_file(two: SlotFile) -> None:
    unlocked = two.unlock(CRON, PATH)
    shown = " ".join(map(repr, [two, unlocked, KEY, DESK, CRON])) + two.to_json()
    for secret in (KEY.raw, unlocked.slot_key, DESK.value, CRON.value):
        for form in (secret.hex(), repr(secret), repr(secret)[2:-1], wrapping.to_base64(secret)):
            assert form not in shown


def test_a_wrong_key_is_not_repeated(two: SlotFile) -> None:
    with pytest.raises(WrongKey) as refused:
        two.unlock(Secret("key-file", b"THE-MARKED-SECRET"), PATH)
    assert "MARKED" not in str(refused.value) + repr(refused.value.details)


# -- writing --------------------------------------------------------------------------------


@pytest.fixture(params=[0o022, 0o000], ids=["umask 022", "umask 000"])
def umask(request: pytest.FixtureRequest) -> Any:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("place", [slots.create, slots.write])
def test_the_file_is_its_owners_alone(tmp_path: Path, two: SlotFile, place: Any) -> None:
    place(tmp_path / "x.db", two)
    assert stat.S_IMODE((tmp_path / "x.db.keys").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["x.db.keys"]
    assert slots.read(tmp_path / "x.db") == two


def test_create_never_replaces_a_file(tmp_path: Path, two: SlotFile) -> None:
    (tmp_path / "x.db.keys").write_text("precious")
    with pytest.raises(AlreadyThere):
        slots.create(tmp_path / "x.db", two)
    assert (tmp_path / "x.db.keys").read_text() == "precious"
    assert [path.name for path in tmp_path.iterdir()] == ["x.db.keys"]


def test_create_does_not_follow_a_dangling_link(tmp_path: Path, two: SlotFile) -> None:
    (tmp_path / "x.db.keys").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AlreadyThere):
        slots.create(tmp_path / "x.db", two)
    assert not (tmp_path / "elsewhere").exists()


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, two: SlotFile) -> None:
    one = replace(two, slots=two.slots[:1])
    slots.create(tmp_path / "x.db", one)

    class Unwritable(SlotFile):
        def to_json(self) -> str:
            raise OSError(28, "No space left on device")

    with pytest.raises(StoreFailed, match="no space left") as failed:
        slots.write(tmp_path / "x.db", Unwritable("4f2a", ()))
    assert failed.value.exit_code == 74
    assert slots.read(tmp_path / "x.db") == one
    assert [path.name for path in tmp_path.iterdir()] == ["x.db.keys"]


def test_write_replaces_the_file_by_renaming(tmp_path: Path, two: SlotFile) -> None:
    slots.create(tmp_path / "x.db", replace(two, slots=two.slots[:1]))
    with (tmp_path / "x.db.keys").open() as before:
        slots.write(tmp_path / "x.db", two)
        old = before.read()
    assert len(json.loads(old)["slots"]) == 1  # a reader sees the whole old file or the whole new
    assert slots.read(tmp_path / "x.db") == two


def test_a_folder_that_is_not_there(tmp_path: Path, two: SlotFile) -> None:
    with pytest.raises(StoreFailed):
        slots.create(tmp_path / "none" / "x.db", two)


def test_a_write_removes_what_killed_writes_left(tmp_path: Path, two: SlotFile) -> None:
    """They may wrap a key that was rotated away since."""
    database = tmp_path / "facecli.db"
    slots.write(database, two)
    leftover = tmp_path / "facecli.db.keys.0a1b2c3d.tmp"
    leftover.write_text(two.to_json())
    (tmp_path / ".facecli.db.keys.0a1b2c3d.tmp").write_text(two.to_json())
    other = tmp_path / "other.db.keys.0a1b2c3d.tmp"
    other.write_text("not ours")
    slots.write(database, two)
    assert {file.name for file in tmp_path.iterdir()} == {"facecli.db.keys", other.name}
