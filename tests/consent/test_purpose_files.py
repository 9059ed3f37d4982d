"""Reading purpose files: every field is required, and an error names the field and the reason."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from facecli.consent import purpose_terms
from facecli.consent.notices import Notice
from facecli.consent.purpose_files import WHY_NEEDED, parse_file, timezone_of
from facecli.consent.purpose_revisions import LENGTHS
from facecli.errors.command_line import BadInput
from tests.consent.conftest import TERMS

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


def test_the_sample_file(purposes_file: Write) -> None:
    found = parse_file(purposes_file())
    assert list(found) == ["gate", "attendance"]
    assert found["gate"] == TERMS
    assert found["gate"].threshold_fmr == 1e-3
    assert "face" in found["gate"].notice
    assert re.fullmatch(r"[0-9a-f]{64}", found["gate"].notice_sha256)


@pytest.fixture
def in_languages(purposes_file: Write) -> Callable[[str], Path]:
    """The sample purposes with this `notice`, and notices in `a.md` to `c.md` beside them."""

    def write(notice: str) -> Path:
        path = purposes_file(notice=notice)
        for name, text in {"a": "An English text", "b": "中文", "c": "An English text"}.items():
            (path.parent / f"{name}.md").write_text(text, encoding="utf-8")
        return path

    return write


def test_a_notice_in_several_languages(in_languages: Callable[[str], Path]) -> None:
    terms = parse_file(in_languages('{ zh = "b.md", en = "a.md" }'))["gate"]
    assert terms.notices == (Notice("zh", "中文"), Notice("en", "An English text"))
    assert terms.notice_sha256 == Notice("zh", "中文").sha256


@pytest.mark.parametrize(
    ("notice", "why"),
    [
        ("{}", "`notice` must be text"),
        ('{ en = "" }', "`en` must be text"),
        ("{ en = 5 }", "`en` must be text"),
        ('{ english = "a.md" }', "`notice.english` is no language tag"),
        ('{ en = "a.md", EN = "b.md" }', "`notice.EN` is no language tag such as `en`, or is"),
        ('{ en = "a.md", fr = "c.md" }', "notice in `fr` is the same text as another"),
        ('{ en = "a.md", zh = "none.md" }', "no such file"),
    ],
)
def test_a_notice_whose_languages_are_not_usable(
    in_languages: Callable[[str], Path], notice: str, why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        parse_file(in_languages(notice))


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


@pytest.mark.parametrize("method", purpose_terms.METHODS)
def test_a_method_of_the_list(purposes_file: Write, method: str) -> None:
    assert parse_file(purposes_file(method=f'"{method}"'))["gate"].method == method


@pytest.mark.parametrize(
    "value", ["Face", "faces", "facial recognition", "faceless PIN code", "face ", "PIN", "none"]
)
def test_another_method_is_refused_with_the_list(purposes_file: Write, value: str) -> None:
    known = "face, fingerprint, iris, palm, voice, card, pin or staff"
    with pytest.raises(BadInput, match=f"`method` must be {known}, not '{value}'"):
        parse_file(purposes_file(method=f'"{value}"'))


@pytest.mark.rule("alternative-named")
@pytest.mark.parametrize("value", ["none", "None.", "nichts", "无", "n/a", "-", "…", "N. A."])
def test_an_alternative_that_is_none_is_refused(purposes_file: Write, value: str) -> None:
    why = "which names nothing: nobody may be forced to use their face"
    with pytest.raises(BadInput, match=why):
        parse_file(purposes_file(alternative=f'"{value}"'))


@pytest.mark.rule("alternative-named")
def test_the_face_is_no_alternative_to_the_face(purposes_file: Write) -> None:
    with pytest.raises(BadInput, match="`alternative` is the face"):
        parse_file(purposes_file(alternative='"Face"'))


@pytest.mark.parametrize(
    "field", ["scope", "necessity", "legal_basis", "impact_assessment", "rights"]
)
def test_what_must_be_stated_is_no_word_for_nothing(purposes_file: Write, field: str) -> None:
    with pytest.raises(BadInput, match=f"`{field}` is 'n/a', which names nothing"):
        parse_file(purposes_file(**{field: '"n/a"'}))


@pytest.mark.parametrize(("value", "longest"), [("10y", True), ("120m", True), ("121m", False)])
def test_a_consent_without_an_end_is_refused(
    purposes_file: Write, value: str, longest: bool
) -> None:
    file = purposes_file(max_consent=f'"{value}"')
    if longest:
        assert parse_file(file)["gate"].max_consent == value
        return
    with pytest.raises(BadInput, match="`max_consent` is longer than 10y: a consent must have an"):
        parse_file(file)


@pytest.mark.parametrize("field", [*LENGTHS, "answer_within"])
def test_nothing_outlives_the_longest_consent(purposes_file: Write, field: str) -> None:
    assert getattr(parse_file(purposes_file(**{field: '"10y"'}))["gate"], field) == "10y"
    with pytest.raises(BadInput, match=f"`{field}` is longer than 10y: "):
        parse_file(purposes_file(**{field: '"2000y"'}))


def test_a_suspension_that_nobody_sees_the_end_of_is_refused(edited: Any) -> None:
    stated = 'ask_again_within = "2000y"\nmax_consent ='
    with pytest.raises(BadInput, match="`ask_again_within` is longer than 10y: "):
        parse_file(edited(lambda text: text.replace("max_consent =", stated, 1)))


@pytest.mark.parametrize(
    ("stated", "terms"),
    [
        ("max_templates = 3", {"max_templates": 3}),
        ("max_templates = 0", {}),
        ('calibration = "overall"', {"calibration": "overall"}),
        ('calibration = "worst-group"', {}),
        ('review_by = "2027-03-01"', {"review_by": "2027-03-01"}),
        ("review_by = 2027-03-01", {"review_by": "2027-03-01"}),
        ('notice_correction = "a typing error"', {"notice_correction": "a typing error"}),
        ('ask_again_within = "20d"', {"ask_again_within": "20d"}),
        ('processing_locations = ["Hangzhou"]', {"processing_locations": ("Hangzhou",)}),
        ("case_required = true", {"case_required": True}),
        ("case_required = false", {"case_required": False}),
        ("operators = []", {"operators": ()}),
        (
            'operators = ["li", 1002, "li", "CORP\\\\jo", "王"]',
            {"operators": ("li", 1002, "CORP\\jo", "王")},
        ),
        ('recipients = "none"', {"recipients": "none"}),
        ('transfers = "Macao"', {"transfers": "Macao"}),
        ('security = "A locked room"', {"security": "A locked room"}),
    ],
)
def test_an_optional_field(edited: Any, stated: str, terms: Any) -> None:
    file = edited(lambda text: text.replace("max_consent =", f"{stated}\nmax_consent =", 1))
    assert parse_file(file)["gate"] == replace(TERMS, **terms)


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        ('calibration = "site"', "`calibration` must be 'worst-group' or 'overall', not 'site'"),
        ("calibration = 1", "`calibration` must be 'worst-group' or 'overall'"),
        ("max_templates = -1", "`max_templates` must be a whole number from 0"),
        ("max_templates = 1.5", "`max_templates` must be a whole number"),
        ("max_templates = true", "`max_templates` must be a whole number"),
        ("max_templates = 9999999999", "`max_templates` must be a whole number"),
        ('review_by = "1y"', "`review_by` must be a date such as"),
        ('review_by = "20270301"', "`review_by` must be a date such as"),
        ("review_by = 2027-03-01T09:00:00Z", "`review_by` must be a date such as"),
        ("in_force_since = 0001-01-01", "`in_force_since` must be a date .* not before 1900-01-01"),
        ('notice_correction = "-"', "`notice_correction` must say what was corrected"),
        ("recipients = 1", "`recipients` must be text"),
        ('security = " "', "`security` must be text"),
        ("notice_correction = true", "`notice_correction` must say what was corrected"),
        ("processing_locations = []", "`processing_locations` must be a list of text"),
        ('processing_locations = "Hangzhou"', "`processing_locations` must be a list of text"),
        ("case_required = 1", "`case_required` must be true or false"),
        ('case_required = "yes"', "`case_required` must be true or false"),
        ('operators = "li"', "`operators` must be a list of user ids and login names"),
        ("operators = [true]", "`operators` must be a list of user ids and login names"),
        ("operators = [-1]", "`operators` must be a list of user ids and login names"),
        ("operators = [4294967295]", "`operators` must be a list of user ids and login names"),
        ('operators = ["1002"]', "`operators` must be a list of user ids and login names"),
        ('operators = ["li jo"]', "`operators` must be a list of user ids and login names"),
        ('operators = ["l\\u202ei"]', "`operators` must be a list of user ids and login names"),
        ('operators = [""]', "`operators` must be a list of user ids and login names"),
        (f"operators = {list(range(1001))}", "`operators` must be a list of user ids"),
    ],
)
def test_an_optional_field_out_of_range(edited: Any, stated: str, why: str) -> None:
    file = edited(lambda text: text.replace("max_consent =", f"{stated}\nmax_consent =", 1))
    with pytest.raises(BadInput, match=why):
        parse_file(file)


def test_the_controller_may_state_the_law_and_the_authority(edited: Any) -> None:
    stated = '[controller]\njurisdiction = "PRC"\nauthority = "CAC Zhejiang"'
    found = parse_file(edited(lambda text: text.replace("[controller]", stated)))
    for terms in found.values():
        assert (terms.jurisdiction, terms.authority) == ("PRC", "CAC Zhejiang")


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        ('jurisdiction = "n/a"', "`jurisdiction` must say which law applies"),
        ("authority = 5", "`authority` must say where people may complain"),
    ],
)
def test_a_law_or_authority_that_states_nothing(edited: Any, stated: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        parse_file(edited(lambda text: text.replace("[controller]", f"[controller]\n{stated}")))


def test_the_controller_may_state_address_and_officer(edited: Any) -> None:
    stated = 'address = "1 Lake Road"\nofficer = "Zhao Min"\ncontact ='
    file = edited(lambda text: text.replace("contact =", stated, 1))
    for terms in parse_file(file).values():
        assert (terms.controller_address, terms.controller_officer) == ("1 Lake Road", "Zhao Min")


@pytest.mark.parametrize("field", LENGTHS)
@pytest.mark.parametrize("value", ['"forever"', '"-1d"', '"9999y"', '"1.5y"', '"P1Y"'])
def test_a_length_that_is_none(purposes_file: Write, field: str, value: str) -> None:
    with pytest.raises(BadInput, match=f"`{field}` must be a length"):
        parse_file(purposes_file(**{field: value}))


@pytest.mark.parametrize(
    "value", ["0", "1", "0.0", "0.9", "0.11", "-1e-3", "nan", "inf", "true", '"1e-3"']
)
def test_a_rate_that_is_none(purposes_file: Write, value: str) -> None:
    with pytest.raises(BadInput, match="`threshold_fmr` must be a number above 0 and up to"):
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


@pytest.mark.parametrize(
    ("notice", "why"),
    [(b"", "empty"), (b" \n", "empty"), (b"\xef\xbb\xbf\n", "empty"), (b"\xff", "UTF-8")],
)
def test_a_notice_that_says_nothing(purposes_file: Write, notice: bytes, why: str) -> None:
    path = purposes_file()
    (path.parent / "notices" / "gate.en.md").write_bytes(notice)
    with pytest.raises(BadInput, match=rf"the notice .*gate\.en\.md is not usable: .*{why}"):
        parse_file(path)


def test_a_byte_order_mark_is_no_part_of_a_file(edited: Any, purposes_file: Write) -> None:
    assert parse_file(edited(lambda text: f"\ufeff{text}")) == parse_file(purposes_file())


@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_line_ends_and_a_byte_order_mark_are_no_part_of_a_notice(
    purposes_file: Write, end: bytes
) -> None:
    path = purposes_file()
    before, notice = parse_file(path), path.parent / "notices" / "gate.en.md"
    notice.write_bytes(b"\xef\xbb\xbf" + notice.read_bytes().replace(b"\n", end))
    assert parse_file(path) == before


def test_a_notice_that_is_not_there(purposes_file: Write) -> None:
    with pytest.raises(BadInput, match=r"none\.md is not usable: no such file"):
        parse_file(purposes_file(notice='"none.md"'))


def test_the_zone_is_that_of_the_controller_or_none(edited: Any, purposes_file: Write) -> None:
    assert timezone_of(purposes_file()) == "Asia/Shanghai"
    stated = 'timezone = "Asia/Shanghai"\n'
    assert timezone_of(edited(lambda text: text.replace(stated, ""))) is None


@pytest.mark.parametrize(
    ("value", "why"), [('"Hangzhou"', "it is no zone"), ("8", "must be text"), ('" "', "must be")]
)
def test_a_zone_that_does_not_exist_is_refused(edited: Any, value: str, why: str) -> None:
    stated = f"timezone = {value}"
    with pytest.raises(BadInput, match=rf"`timezone`.* {why}"):
        timezone_of(edited(lambda text: text.replace('timezone = "Asia/Shanghai"', stated)))


def test_a_notice_is_looked_for_beside_its_file(tmp_path: Path, purposes_file: Write) -> None:
    file = purposes_file()
    other = tmp_path / "other" / "purposes.toml"
    other.parent.mkdir()
    other.write_text(file.read_text())
    with pytest.raises(BadInput, match="no such file"):
        parse_file(other)


def test_a_pipe_is_no_purpose_file_and_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(BadInput, match="not a regular file"):
        parse_file(pipe)
