"""Free memory: the least of what machine, control group and process state."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from facecli import free_memory

MB = 2**20


def machine(root: Path, **files: str) -> Path:
    """A file system with these files of the kernel."""
    places = {
        "meminfo": "proc/meminfo", "max": "sys/fs/cgroup/memory.max",
        "current": "sys/fs/cgroup/memory.current", "stat": "sys/fs/cgroup/memory.stat",
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
        (
            {
                "max": f"{3 * MB}\n",
                "current": f"{3 * MB}\n",
                "stat": f"anon {MB}\nfile {2 * MB}\ninactive_file {2 * MB}\n",
            },
            2 * MB,
        ),
        ({}, 2**63),
    ],
)
def test_what_is_available_is_the_least_that_is_stated(
    tmp_path: Path, files: dict[str, str], expected: int
) -> None:
    assert free_memory.available(machine(tmp_path, **files)) == expected


def test_the_limit_of_a_process_on_its_addresses_is_known() -> None:
    program = (
        "import resource; from facecli import free_memory;"
        " resource.setrlimit(resource.RLIMIT_AS, (2**34, 2**35));"
        " print(free_memory.address_limit())"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert int(done.stdout) == 2**34


def test_a_limit_of_the_process_counts() -> None:
    program = (
        "import resource; from facecli import free_memory;"
        " resource.setrlimit(resource.RLIMIT_AS, (2**34, 2**34)); print(free_memory.available())"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert 0 < int(done.stdout) < 2**34
