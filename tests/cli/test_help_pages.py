"""Help on the terminal: whole sentences, narrow terminals, and the nearest name."""

from __future__ import annotations

import re
from typing import Any

import click
import pytest

from facecli.cli.help_pages import (
    CommandGroup,
    Formatter,
    LazyCommandGroup,
    help_width,
    unknown_command,
)

GROUPS = ["subject", "purpose", "consent", "enroll", "camera", "log", "key", "backup"]


@click.group(cls=CommandGroup)
def animals() -> None:
    """Animals."""


@animals.command()
def cat() -> None:
    """Print a cat, which is a small animal with a great many
    opinions. It also sleeps.
    """


@animals.command(short_help="Print a dog.")
def dog() -> None:
    """Never listed."""


@animals.command()
def eel() -> None: ...


def context() -> click.Context:
    return click.Context(animals, info_name="animals")


def test_a_summary_is_the_first_sentence_in_one_line() -> None:
    found = {name: animals.summary(context(), name) for name in animals.list_commands(context())}
    assert found == {
        "cat": "Print a cat, which is a small animal with a great many opinions.",
        "dog": "Print a dog.",
        "eel": "",
    }


def test_a_lazy_group_imports_a_command_only_when_it_is_called() -> None:
    group = LazyCommandGroup(
        "zoo", commands={"dog": dog}, later={"cat": f"{__name__}:cat", "emu": "no.such.module:emu"}
    )
    within = click.Context(group)
    assert group.list_commands(within) == ["cat", "dog", "emu"]
    assert group.get_command(within, "cat") is cat
    assert group.get_command(within, "dog") is dog
    assert group.get_command(within, "fox") is None
    with pytest.raises(ModuleNotFoundError):
        group.get_command(within, "emu")


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_lists_whole_sentences(facecli: Any, name: str) -> None:
    listed = facecli.bare(name, "--help").out.split("Commands:")[1].split("Exit codes:")[0]
    assert "..." not in listed
    sentences = re.split(r"\n  (?=[a-z])", listed.strip("\n"))
    assert all(one.rstrip().endswith(".") for one in sentences)


@pytest.mark.parametrize(
    ("name", "advice"), [("cta", "Did you mean 'cat'?"), ("dgo", "Did you mean 'dog'?"), ("x", "")]
)
def test_the_nearest_name_is_advised(name: str, advice: str) -> None:
    message = unknown_command(context(), name).format_message()
    assert message == f"There is no command {name!r}. {advice}".rstrip()


@pytest.mark.parametrize("name", ["--halp", "-x"])
def test_an_unknown_option_is_not_taken_for_a_command(name: str) -> None:
    with pytest.raises(click.NoSuchOption):
        animals.resolve_command(context(), [name])


@pytest.mark.parametrize(
    ("columns", "width"), [("20", 20), ("40", 38), ("52", 50), ("90", 88), ("200", 98)]
)
def test_help_is_as_wide_as_the_terminal_and_no_wider_than_can_be_read(
    monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert help_width(100) == width


def test_a_long_example_goes_on_in_a_further_line() -> None:
    formatter = Formatter(width=30)
    formatter.write_text("Do it.\n\n\b\nExample:\n  facecli do it --with 'one two' --well")
    assert formatter.getvalue() == (
        "Do it.\n\nExample:\n  facecli do it --with \\\n    'one two' --well\n"
    )


def test_the_first_column_takes_a_third_of_the_width() -> None:
    formatter = Formatter(width=30)
    formatter.write_dl([("a-very-long-option-name", "Does a thing.")])
    assert formatter.getvalue() == "a-very-long-option-name\n            Does a thing.\n"
