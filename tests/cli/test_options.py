"""Options that several commands share: files that are never facecli's own, and one threshold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from facecli.cli import options
from facecli.cli.output import WIDE
from facecli.cli.session import Settings


@pytest.fixture
def context(tmp_path: Path) -> click.Context:
    settings = Settings(
        db=tmp_path / "a.db", key_options={"key_file": str(tmp_path / "a.key")}, no_input=True
    )
    return click.Context(click.Command("x"), obj=settings)


@pytest.mark.parametrize("name", ["a.db", "a.db.keys", "a.db-journal", "a.key", "sub/../a.db"])
def test_a_file_of_facecli_itself_is_a_usage_error(
    context: click.Context, tmp_path: Path, name: str
) -> None:
    (tmp_path / "sub").mkdir()
    with pytest.raises(click.BadParameter, match=name.rpartition("/")[2]):
        options.FILE.convert(str(tmp_path / name), None, context)


@pytest.mark.parametrize("kind", [options.FILE, options.OUTPUT, options.FOLDER])
def test_a_link_to_itself_is_a_usage_error(
    kind: click.Path, context: click.Context, tmp_path: Path
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(click.UsageError, match="a symbolic link that leads to itself"):
        kind.convert(str(tmp_path / "loop"), None, context)


def test_a_link_to_the_database_is_the_database(context: click.Context, tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    (tmp_path / "link").symlink_to("a.db")
    with pytest.raises(click.BadParameter, match="is the database"):
        options.FILE.convert(str(tmp_path / "link"), None, context)


def test_an_option_for_a_key_may_name_the_key(context: click.Context, tmp_path: Path) -> None:
    key = tmp_path / "a.key"
    assert options.KEY_FILE.convert(str(key), None, context) == key
    with pytest.raises(click.BadParameter):
        options.KEY_FILE.convert(str(tmp_path / "a.db"), None, context)


def test_any_other_file_is_taken(context: click.Context, tmp_path: Path) -> None:
    assert options.FILE.convert(str(tmp_path / "b.csv"), None, context) == tmp_path / "b.csv"
    assert options.FILE.convert("b.csv", None, None) == Path("b.csv")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"threshold": 0.5, "fmr": 0.1}, "give --threshold or --fmr, not both"),
        ({"threshold": 0.5, "fmr": 0.1, "fpir": 0.1}, "not all"),
        ({"threshold": 0.0, "fpir": 0.1}, "give --threshold or --fpir, not both"),
    ],
)
def test_two_thresholds_are_a_usage_error(given: dict[str, float], message: str) -> None:
    with pytest.raises(click.UsageError, match=message):
        options.asked(**{"threshold": None, "fmr": None, **given})


def test_one_threshold_is_passed_on() -> None:
    found = options.asked(None, 1e-3)
    assert (found.threshold, found.fmr, found.fpir) == (None, 1e-3, None)


@pytest.mark.parametrize("wide", [True, False])
def test_wide_is_known_to_the_output_without_an_argument(wide: bool) -> None:
    seen: list[Any] = []

    @click.command()
    @options.reports
    def command(form: str, output: Path | None) -> None:
        seen.append((form, output, click.get_current_context().meta[WIDE]))

    command.main(["--wide"] * wide, standalone_mode=False)
    assert seen == [("table", None, wide)]
