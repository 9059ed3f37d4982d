"""The man pages: what mandoc says of them, and that a reader finds everything there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from facecli.errors.base import Exit
from tests.conftest import PROJECT
from tools.docs import man_pages
from tools.docs.command_tree import Node, tree
from tools.docs.facts import ENVIRONMENT, FILES

MAN = PROJECT / "man"
PAGES = sorted(MAN.glob("*.[157]"))
COMMANDS = [page for page in PAGES if page.suffix == ".1"]
TREE = tree()


def mandoc(*arguments: object) -> subprocess.CompletedProcess[str]:
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not installed (make test-deps)")
    return subprocess.run(
        ["mandoc", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def rendered(page: Path, width: int = 78) -> str:
    """The page as a reader sees it, without overstriking."""
    return re.sub(r".\x08", "", mandoc("-T", "ascii", "-O", f"width={width}", page).stdout)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_mandoc_finds_nothing_to_complain_about(page: Path) -> None:
    done = mandoc("-T", "lint", page)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_man_itself_shows_it_on_a_narrow_dumb_terminal_without_a_locale(page: Path) -> None:
    if shutil.which("man") is None:
        pytest.skip("man-db is not installed (make test-deps)")
    environment = {"PATH": os.environ["PATH"], "MANWIDTH": "40", "LC_ALL": "C", "TERM": "dumb"}
    done = subprocess.run(
        ["man", "-l", page], capture_output=True, text=True, env=environment, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "NAME\n" in re.sub(r".\x08", "", done.stdout)
    assert done.stdout.isascii()


def test_there_is_a_page_for_every_command() -> None:
    wanted = {"facecli.1"} | {f"facecli-{node.path[0]}.1" for node in TREE.children}
    assert {page.name for page in COMMANDS} == wanted


@pytest.mark.parametrize("node", TREE.children, ids=lambda node: node.words)
def test_a_page_can_be_found_by_apropos(node: Node) -> None:
    name = f"facecli-{node.path[0]}"
    line = rendered(MAN / f"{name}.1", width=200).split("NAME\n")[1].splitlines()[0]
    assert re.fullmatch(rf" +{name} - [A-Z].*[^.:]", line)


@pytest.mark.parametrize("node", TREE.children, ids=lambda node: node.words)
def test_a_page_shows_every_option_exit_code_and_example(node: Node) -> None:
    text = rendered(MAN / f"facecli-{node.path[0]}.1", width=120)
    for leaf in node.leaves():
        assert f"{leaf.words} [options]" in text
        for option in leaf.options:
            assert re.search(rf"^ +{re.escape(option.usage)}(\n| )", text, re.MULTILINE)
        for code, _ in leaf.help.exit_codes:
            assert re.search(rf"^ +{code}( |$)", text, re.MULTILINE)
        for example in leaf.help.examples:
            assert f"  {example}\n" in text


def test_the_main_page_shows_commands_exit_codes_environment_and_files() -> None:
    text = rendered(MAN / "facecli.1")
    for node in TREE.children:
        assert f"facecli-{node.path[0]}(1)" in text
    for code in Exit:
        assert re.search(rf"^ +{int(code)}  +\S", text, re.MULTILINE)
    for name, _ in (*ENVIRONMENT, *FILES):
        assert f" {name}\n" in text


def test_text_is_printed_as_it_stands(tmp_path: Path) -> None:
    text = ".start of a line, a back\\slash, -o and `--option value`, ~/.x, a^b, Größe, 'quoted'."
    page = tmp_path / "page.1"
    page.write_text(
        f'.TH P 1 2026-01-01 "x" "y"\n.SH NAME\np \\- x\n.SH X\n{man_pages._fill(text)}\n'
    )
    assert mandoc("-T", "lint", page).stdout == ""
    shown = re.sub(r".\x08", "", mandoc("-T", "utf8", "-O", "width=120", page).stdout)
    assert text.replace("`", "") in shown
