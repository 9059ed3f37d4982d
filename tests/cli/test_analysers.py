"""Options that state where images are decoded and recognised."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from facecli.cli.analysers import Analysing, analysers, way_to
from facecli.cli.session import Settings
from facecli.errors.recognition import MissingExtra
from facecli.recognition.engines import engine
from facecli.workers.cluster.access import Access
from facecli.workers.local import Pool


def chosen(*arguments: str, env: dict[str, str] | None = None) -> Analysing:
    """What a command gets from these options."""
    found: list[Analysing] = []

    @click.command()
    @analysers
    def command(analysing: Analysing) -> None:
        found.append(analysing)

    settings = Settings(Path("facecli.db"))
    done = CliRunner().invoke(command, arguments, obj=settings, env=env, catch_exceptions=False)
    assert found, done.output
    return found[0]


def test_without_options_it_is_one_process_here() -> None:
    assert chosen() == Analysing(1, None, 30)


def test_processes_here() -> None:
    assert chosen("--workers", "3").workers == 3


def test_a_cluster_of_this_machine() -> None:
    asked = chosen("--cluster", "tcp://127.0.0.1:8786", "--cluster-wait", "7")
    assert asked == Analysing(1, Access("127.0.0.1", 8786, None), 7)


def test_certificates_from_the_environment(tmp_path: Path) -> None:
    files = {}
    for name in ("CA", "CERT", "KEY"):
        (tmp_path / name).touch()
        files[f"FACECLI_CLUSTER_{name}"] = str(tmp_path / name)
    way = chosen("--cluster", "tls://a:1", env=files).cluster
    assert way is not None
    assert way.files == tuple(files.values())


def test_the_pool_here_has_so_many_processes() -> None:
    with Analysing(2).pool(engine.spec("sface")) as pool:
        assert isinstance(pool, Pool)


def test_a_missing_extra_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec

    def without(name: str, *more: Any) -> Any:
        return None if name == "distributed" else real(name, *more)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    with pytest.raises(MissingExtra, match="distributed") as raised:
        way_to("tcp://127.0.0.1:1", None, None, None)
    assert "facecli[cluster]" in raised.value.hint
