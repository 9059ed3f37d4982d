"""The man pages of sections 5 and 7: their examples do what they show, their facts are true."""

from __future__ import annotations

import re
import shutil
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from facecli.consent import purpose_terms
from facecli.consent.purpose_files import WHY_NEEDED, parse_file
from facecli.consent.purpose_revisions import LENGTHS
from facecli.errors.base import Exit
from tests import typed
from tests.conftest import Facecli
from tests.tools.docs.test_man_pages import MAN, mandoc, rendered
from tools.docs import markdown_pages
from tools.docs.facts import PURPOSE_FIELDS

pytestmark = pytest.mark.usefixtures("unmeasured")

SOURCES = {path.name.removesuffix(".md"): path for path in (MAN / "source").glob("*.md")}
PAGES = sorted(SOURCES)


@pytest.mark.parametrize("name", PAGES)
def test_its_examples_do_what_they_show(ready: Facecli, sample_data: Path, name: Any) -> None:
    source = SOURCES[name].read_text(encoding="utf-8")
    shutil.copytree(sample_data, ready.folder / "sample_data")
    shutil.copytree(sample_data / "notices", ready.folder / "notices")
    for kind, block in markdown_pages.blocks(source):
        assert kind in ("console", "text", "toml")
        if kind == "toml":
            (ready.folder / "purposes.toml").write_text(block, encoding="utf-8")
    if name == "facecli.7":  # it begins with no purposes
        for path in (ready.db, Path(f"{ready.db}.keys")):
            path.unlink()
        assert ready("init").code == 0
    environment = {"FACECLI_DB": str(ready.db), "FACECLI_KEY_FILE": str(ready.key)}
    tour = typed.steps(source)
    assert tour
    typed.check(tour, ready.folder, environment)


@pytest.mark.parametrize("name", PAGES)
def test_it_has_the_sections_that_a_reader_looks_for(name: Any) -> None:
    titles = re.findall(r"^([A-Z][A-Z ]+)$", rendered(MAN / name), re.MULTILINE)
    assert titles[:2] == ["NAME", "DESCRIPTION"]
    assert titles[-1] == "SEE ALSO"
    assert {"FILES", "EXIT STATUS", "EXAMPLES"} <= set(titles)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_that_it_refers_to_is_there(name: Any) -> None:
    source = SOURCES[name].read_text(encoding="utf-8")
    for page, section in markdown_pages.REFERENCE.findall(source):
        assert (MAN / f"{page}.{section}").exists(), (page, section)


def test_exit_codes_that_the_log_page_names_are_codes_that_there_are() -> None:
    source = SOURCES["facecli-log.5"].read_text(encoding="utf-8")
    codes = re.findall(r"^- `(\d+)`: ", source, re.MULTILINE)
    assert [int(code) for code in codes] == [
        Exit.FAILED, Exit.LOG_ALTERED, Exit.LOG_TRUNCATED, Exit.LOG_UNSEALED, Exit.PAGE_DAMAGED,
    ]  # fmt: skip


def test_every_member_of_an_entry_is_described(ready: Facecli) -> None:
    source = SOURCES["facecli-log.5"].read_text(encoding="utf-8")
    described = re.search(r"## ENTRIES\n(.*?)\n## ", source, re.DOTALL)
    entry = ready("log", "show", "--format", "json").json()[0]
    assert described is not None
    for member in entry.keys() | entry["actor"].keys():
        assert f"`{member}`" in described[1], member


def test_every_field_of_a_purpose_file_is_described() -> None:
    assert [name for name, _ in PURPOSE_FIELDS] == list(WHY_NEEDED)
    text = " ".join(rendered(MAN / "facecli-purposes.5").split())
    for name, reason in WHY_NEEDED.items():
        assert re.search(rf" {name} .*?Needed because {re.escape(reason)}\.", text), name


@pytest.mark.parametrize("name", [name for name in WHY_NEEDED if name != "notice"])
def test_what_is_said_of_a_changed_field_is_what_happens(sample_data: Path, name: Any) -> None:
    terms = parse_file(sample_data / "purposes.toml")["gate"]
    assert {field.name for field in fields(terms)} > {name}
    less: Any = "1d" if name in LENGTHS else 1e-5 if name == "threshold_fmr" else ("x",)
    more: Any = "9y" if name in LENGTHS else 1e-2 if name == "threshold_fmr" else ("y",)
    if name == "data":
        less, more = terms.data[:1], (*terms.data, "photo")
        terms = replace(terms, data=(*less, "iris template"))
    if name == "retain_photo":
        terms = replace(terms, retain_photo="5d")
    changes: list[dict[str, Any]] = [{name: less}, {name: more}]
    versions = [purpose_terms.compare(terms, replace(terms, **change))[1] for change in changes]
    text = markdown_pages._change(name)
    minor = "is a minor revision" in text
    either = text == "A change is a minor revision."
    assert versions == ([False, not either] if minor else [True, True])


def test_a_source_without_a_title_is_refused() -> None:
    with pytest.raises(ValueError, match="no title"):
        markdown_pages.page("# facecli\n\n## DESCRIPTION\n\nText.\n")


def test_lists_blocks_emphasis_and_code_are_set_as_such(tmp_path: Path) -> None:
    source = (
        "# p(5) - a page\n\n## TEXT\n\nSome *words* and `--code x`.\n\n"
        "- `one`, `uno`: First.\n- two: Second.\n\nAnd:\n\n```\n.as it -- stands\n```\n"
    )
    page = tmp_path / "p.5"
    page.write_text(markdown_pages.page(source))
    assert "\\fIwords\\fR" in page.read_text()
    assert "\\fB\\-\\-code x\\fR" in page.read_text()
    lines = [line.strip() for line in rendered(page).splitlines() if line.strip()]
    assert ".as it -- stands" in lines
    assert lines[lines.index("one, uno") + 1] == "First."
    assert mandoc("-T", "lint", page).stdout == ""


def test_no_item_of_a_list_is_lost() -> None:
    lists = "- `a`: One.\n- b: Two.\n\n- Three, `c`.\n- Four: 4.\n"
    text = markdown_pages.page(f"# facecli-x(7) - a page\n\n## A\n\n{lists}")
    for words in ("One.", "Two.", "Three, ", "Four: 4."):
        assert words in text


def test_the_columns_of_a_table_are_aligned(tmp_path: Path) -> None:
    table = "| name | rate |\n| --- | --- |\n| `a` | 1 % |\n| longer | - |\n"
    page = tmp_path / "p.5"
    page.write_text(markdown_pages.page(f"# p(5) - a page\n\n## TEXT\n\nA table:\n\n{table}"))
    shown = rendered(page)
    lines = [line.strip() for line in shown.splitlines()]
    start = lines.index("name    rate")
    assert lines[start : start + 3] == ["name    rate", "a       1 %", "longer  -"]
    assert mandoc("-T", "lint", page).stdout == ""


@pytest.mark.parametrize("name", PAGES)
def test_no_mark_of_a_table_is_left(name: Any) -> None:
    page = markdown_pages.page(SOURCES[name].read_text(encoding="utf-8"))
    assert "| \\-" not in page
    assert "| ---" not in page
