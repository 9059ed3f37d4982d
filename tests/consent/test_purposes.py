"""Purpose files, and what a change of them does to consents."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facecli.audit.query import latest
from facecli.consent import purposes
from facecli.consent.purpose_files import WHY_NEEDED, parse_file
from facecli.consent.purposes import Terms
from facecli.errors.base import Unknown
from facecli.errors.command_line import BadInput
from tests.consent.conftest import TERMS, World

Write = Callable[..., Path]


@pytest.fixture
def edited(purposes_file: Write) -> Callable[[Callable[[str], str]], Path]:
    """The sample purposes with their text changed."""

    def write(edit: Callable[[str], str]) -> Path:
        path = purposes_file()
        before = path.read_text()
        after = edit(before)
        assert after != before
        path.write_text(after)
        return path

    return write


# -- the file -------------------------------------------------------------------------------


def test_the_sample_file(purposes_file: Write) -> None:
    found = parse_file(purposes_file())
    assert list(found) == ["gate", "attendance"]
    assert found["gate"] == TERMS
    assert found["gate"].threshold_fmr == 1e-3
    assert "face" in found["gate"].notice
    assert re.fullmatch(r"[0-9a-f]{64}", found["gate"].notice_sha256)


@pytest.mark.rule("impact-assessment")
@pytest.mark.rule("alternative-named")
@pytest.mark.rule("notice-fields")
@pytest.mark.parametrize("field", WHY_NEEDED)
def test_a_missing_field_is_named_with_the_reason(edited: Any, field: str) -> None:
    path = edited(lambda text: re.sub(rf"^{field} = .*\n", "", text, count=1, flags=re.M))
    with pytest.raises(BadInput) as refused:
        parse_file(path)
    assert f"purpose `gate` is not usable: the field `{field}` is missing: " in str(refused.value)
    assert WHY_NEEDED[field] in str(refused.value)
    assert refused.value.exit_code == 1


@pytest.mark.parametrize("field", ["name", "contact"])
def test_a_controller_without_a_field(edited: Any, field: str) -> None:
    path = edited(lambda text: re.sub(rf"^{field} = .*\n", "", text, count=1, flags=re.M))
    with pytest.raises(BadInput, match=rf"`{field}` is missing: people must know who is resp"):
        parse_file(path)


@pytest.mark.parametrize("field", sorted(set(WHY_NEEDED) - {"data", "threshold_fmr"}))
@pytest.mark.parametrize("value", ['""', '"  "', "5", "[]", "true"])
def test_a_text_that_is_none(purposes_file: Write, field: str, value: str) -> None:
    with pytest.raises(BadInput, match=rf"`{field}` must be"):
        parse_file(purposes_file(**{field: value}))


@pytest.mark.parametrize("value", ["[]", '"face"', "[5]", '["a", ""]', "{}"])
def test_data_must_be_a_list_of_text(purposes_file: Write, value: str) -> None:
    with pytest.raises(BadInput, match="`data` must be a list of text"):
        parse_file(purposes_file(data=value))


@pytest.mark.parametrize("field", purposes.LENGTHS)
@pytest.mark.parametrize("value", ['"forever"', '"-1d"', '"9999y"', '"1.5y"', '"P1Y"'])
def test_a_length_that_is_none(purposes_file: Write, field: str, value: str) -> None:
    with pytest.raises(BadInput, match=f"`{field}` must be a length"):
        parse_file(purposes_file(**{field: value}))


@pytest.mark.parametrize("value", ["0", "1", "0.0", "1.0", "-1e-3", "nan", "inf", "true", '"1e-3"'])
def test_a_rate_that_is_none(purposes_file: Write, value: str) -> None:
    with pytest.raises(BadInput, match="`threshold_fmr` must be a number between 0 and 1"):
        parse_file(purposes_file(threshold_fmr=value))


def test_a_consent_of_no_length(purposes_file: Write) -> None:
    with pytest.raises(BadInput, match="`max_consent` must be longer than nothing"):
        parse_file(purposes_file(max_consent='"0d"'))
    assert parse_file(purposes_file(retain_photo='"0d"'))["gate"].retain_photo == "0d"


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("scope =", "colour = 1\nscope =", "colour"),
        ("scope =", "Scope =", "Scope"),
        ("contact =", "phone = 1\ncontact =", "phone"),
        ("[controller]", "version = 1\n[controller]", "version"),
    ],
)
def test_an_unknown_field_is_named(edited: Any, old: str, new: str, name: str) -> None:
    with pytest.raises(BadInput, match=f"the field `{name}` is not known"):
        parse_file(edited(lambda text: text.replace(old, new, 1)))


@pytest.mark.parametrize("code", ["Gate", '"gate 1"', '"a/b"', '""', "-gate", "x" * 64, '"gäte"'])
def test_a_code_that_is_none(edited: Any, code: str) -> None:
    with pytest.raises(BadInput, match="a code has small letters"):
        parse_file(edited(lambda text: text.replace("[purpose.gate]", f"[purpose.{code}]")))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "controller"),
        (b"controller = 5", "controller"),
        (b'[controller]\nname = "a"\ncontact = "b"', "purpose"),
        (b'[controller]\nname = "a"\ncontact = "b"\n[purpose]', r"has no \[purpose.CODE\] table"),
        (b'[controller]\nname = "a"\ncontact = "b"\n[purpose]\ngate = 5', "gate"),
        (b"not = = toml", "not TOML"),
        (b"a = 1\na = 2", "not TOML"),
        (b"\xff\xfe", "not UTF-8"),
        (b"# " + b"x" * 1024 * 1024, "larger than 1 MiB"),
    ],
    ids=lambda value: value[:30] if isinstance(value, bytes) else value,
)
def test_a_file_that_is_none(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "purposes.toml"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=why):
        parse_file(path)
    with pytest.raises(BadInput, match="no such file"):
        parse_file(tmp_path / "none.toml")


@pytest.mark.parametrize(("notice", "why"), [(b"", "empty"), (b" \n", "empty"), (b"\xff", "UTF-8")])
def test_a_notice_that_says_nothing(purposes_file: Write, notice: bytes, why: str) -> None:
    path = purposes_file()
    (path.parent / "notices" / "gate.en.md").write_bytes(notice)
    with pytest.raises(BadInput, match=rf"the notice .*gate\.en\.md is not usable: .*{why}"):
        parse_file(path)


def test_a_notice_that_is_not_there(purposes_file: Write) -> None:
    with pytest.raises(BadInput, match=r"none\.md is not usable: no such file"):
        parse_file(purposes_file(notice='"none.md"'))


# -- new versions and revisions -------------------------------------------------------------

SHORTER: dict[str, Any] = {
    "max_consent": "1y", "retain_template": "6m", "retain_match": "7d", "inactive_after": "90d",
    "threshold_fmr": 1e-4, "ask_again_within": "20d",
}  # fmt: skip
LONGER: dict[str, Any] = {
    "max_consent": "3y", "retain_template": "13m", "retain_photo": "1h", "retain_match": "1m",
    "inactive_after": "181d", "threshold_fmr": 2e-3, "ask_again_within": "31d",
}  # fmt: skip
OTHER: dict[str, Any] = {
    name: ("face template", "photo") if name == "data" else "changed"
    for name in Terms.__dataclass_fields__
    if name not in {*LONGER, "notice"}
}


def test_every_field_is_decided_here() -> None:
    assert {*OTHER, *LONGER, "notice"} == set(Terms.__dataclass_fields__)


@pytest.mark.parametrize("field", SHORTER)
def test_what_takes_from_the_controller_is_a_revision(gate: World, field: str) -> None:
    before = gate.record()
    change = gate.apply(**{field: SHORTER[field]})
    assert (change.kind, change.version, change.revision) == ("revision", 1, 1)
    assert change.consents_ended == 0
    assert [name for name, _, _ in change.fields] == [field]
    assert gate.purpose().version == before.version


@pytest.mark.rule("consent-version")
@pytest.mark.parametrize("field", [*LONGER, *OTHER])
def test_everything_else_makes_a_new_version(gate: World, field: str) -> None:
    gate.record()
    change = gate.apply(**{field: {**LONGER, **OTHER}[field]})
    assert (change.kind, change.version, change.revision) == ("version", 2, 0)
    assert change.consents_ended == 1
    ((name, before, after),) = change.fields
    assert (name, before) == (field, getattr(TERMS, field))
    assert after == getattr(gate.purpose().terms, field)


@pytest.mark.rule("consent-version")
def test_one_widening_among_narrowings_is_a_new_version(gate: World) -> None:
    assert gate.apply(**{**SHORTER, "retain_match": "31d"}).kind == "version"


def test_the_same_length_in_other_words_is_a_revision(gate: World) -> None:
    assert gate.apply(retain_template="12m").kind == "revision"


def test_applying_twice_changes_nothing(gate: World) -> None:
    entries = len(latest(gate.db, 100))
    assert gate.apply().kind == "unchanged"
    with gate.act() as act:
        act.record("test")
        assert purposes.apply(act, {"gate": TERMS})[0].kind == "unchanged"
    assert gate.purpose().revision == 0
    assert len(latest(gate.db, 100)) == entries + 1


def test_versions_and_revisions_count_on(gate: World) -> None:
    steps = [
        {"retain_match": "20d"}, {"retain_match": "10d"}, {"scope": "b"}, {"retain_match": "1d"},
        {"scope": "c"},
    ]  # fmt: skip
    terms: dict[str, Any] = {}
    seen = []
    for step in steps:
        gate.wait(days=1)
        terms |= step
        change = gate.apply(**terms)
        assert (gate.purpose().version, gate.purpose().revision) == (
            change.version,
            change.revision,
        )
        seen.append((change.version, change.revision))
    assert seen == [(1, 1), (1, 2), (2, 0), (2, 1), (3, 0)]


def test_a_version_began_when_it_was_first_applied(gate: World) -> None:
    began = gate.wait(days=10)
    gate.apply(scope="b")
    revised = gate.wait(days=10)
    gate.apply(scope="b", retain_match="1d")
    assert gate.purpose().version_since == began
    assert gate.purpose().valid_from == revised


def test_consents_that_are_over_or_withdrawn_are_not_counted_as_ended(gate: World) -> None:
    gate.add("A-2")
    gate.add("A-3")
    gate.record("A-1", expires="1d")
    gate.withdraw(gate.record("A-2"))
    gate.record("A-3")
    gate.wait(days=2)
    assert gate.apply(scope="b").consents_ended == 1


def test_each_change_is_logged_without_its_text(gate: World) -> None:
    gate.apply(scope="SECRET-SCOPE", retain_match="1d")
    entry = latest(gate.db, 1)[0]
    assert entry["action"] == "purpose.apply"
    assert entry["details"]["fields"] == ["scope", "retain_match"]
    assert "SECRET" not in str(entry)


# -- retired --------------------------------------------------------------------------------


def test_a_retired_purpose_is_not_found_and_not_revived(gate: World) -> None:
    with gate.act() as act:
        purposes.retire(act, "gate")
    assert gate.purpose().retired_at == gate.now
    with pytest.raises(Unknown):
        purposes.find(gate.db, "gate")
    with pytest.raises(BadInput, match="retired; choose a new code"):
        gate.apply()

    def again() -> None:
        with gate.act() as act:
            purposes.retire(act, "gate")

    with pytest.raises(Unknown) as refused:
        again()
    assert refused.value.exit_code == 21


# -- what a person is shown -----------------------------------------------------------------


@pytest.mark.rule("notice-fields")
def test_the_statement_says_every_field(gate: World) -> None:
    gate.apply(scope="a\x1b[31m\nb")
    text = purposes.statement(gate.purpose())
    for name in set(Terms.__dataclass_fields__) - {"notice", "data", "threshold_fmr", "scope"}:
        assert str(getattr(TERMS, name)) in text
    for line in TERMS.notice.splitlines():
        assert line in text
    assert "\x1b" not in text
    assert "a\\u{1b}[31m\\u{a}b" in text
