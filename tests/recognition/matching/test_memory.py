"""Memory: the least of three limits, and a search that does not begin without enough of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from facecli.consent import purposes
from facecli.errors.recognition import TooLittleMemory
from facecli.recognition.matching import memory
from facecli.recognition.matching.gallery import load
from tests.conftest import Facecli
from tests.prepared import SPEC, opened, unit
from tests.recognition.matching.test_gallery import enrol

MB = 2**20


def machine(root: Path, **files: str) -> Path:
    """A file system with these files of the kernel."""
    places = {
        "meminfo": "proc/meminfo", "max": "sys/fs/cgroup/memory.max",
        "current": "sys/fs/cgroup/memory.current",
    }  # fmt: skip
    for name, text in files.items():
        path = root / places[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


MEMINFO = "MemTotal:  9000 kB\nMemFree:  1 kB\nMemAvailable:   2048 kB\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"meminfo": MEMINFO}, 2 * MB),
        ({"meminfo": MEMINFO, "max": "max\n", "current": "9\n"}, 2 * MB),
        ({"meminfo": MEMINFO, "max": f"{3 * MB}\n", "current": f"{2 * MB}\n"}, MB),
        ({"meminfo": MEMINFO, "max": f"{2 * MB}\n", "current": f"{3 * MB}\n"}, 0),
        ({"max": f"{3 * MB}\n", "current": f"{2 * MB}\n"}, MB),
        ({}, 2**63),
    ],
)
def test_what_is_available_is_the_least_that_is_stated(
    tmp_path: Path, files: dict[str, str], expected: int
) -> None:
    assert memory.available(machine(tmp_path, **files)) == expected


def test_a_limit_of_the_process_counts() -> None:
    program = (
        "import resource; from facecli.recognition.matching import memory;"
        " resource.setrlimit(resource.RLIMIT_AS, (2**34, 2**34)); print(memory.available())"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert 0 < int(done.stdout) < 2**34


def test_a_gallery_that_does_not_fit_is_refused_before_it_is_read(
    ready: Facecli, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(ready, "A-1", unit(1))
    with opened(ready) as found:
        purpose = purposes.find(found.db, "gate")
        monkeypatch.setattr(memory, "available", lambda: memory.BESIDE)
        with pytest.raises(TooLittleMemory) as refused:
            load(found.db, purpose, SPEC, found.now)
        assert "1 template needs 33 MB" in str(refused.value)
        monkeypatch.setattr(memory, "available", lambda: memory.BESIDE + memory.A_TEMPLATE)
        gallery, _ = load(found.db, purpose, SPEC, found.now)
        assert len(gallery.search(unit(1), 0.5, 1)) == 1


def test_a_million_templates_fit_into_a_hundred_megabytes_but_are_not_kept_there() -> None:
    memory.check(1_000_000, 100 * MB)
    assert not memory.holds(1_000_000, 129, 100 * MB)
    assert memory.holds(1_000_000, 129, 300 * MB)
