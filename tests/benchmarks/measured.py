"""Runs one command of facecli in this process, and notes what it used.

    python -m tests.benchmarks.measured FILE COMMAND...

A process that another has started cannot be told from outside what memory it had: `ru_maxrss` of a
child begins with that of its parent.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facecli.cli.session import Settings

WORKED = (0, 3, 4)
"""Exit codes of commands that have done their work: 3 and 4 tell what `match` did not find."""


@dataclass(frozen=True)
class Used:
    """What a process took: by the clock, of processors with those it waited for, of memory.

    megabytes: the most of this process, or of one that it waited for. read_kb, written_kb: what it
    asked the system to read and write, from memory or disk. told: what it prints.
    """

    seconds: float
    processor_seconds: float
    megabytes: int
    read_kb: int = 0
    written_kb: int = 0
    told: Any = None


def used_here(began: float) -> Used:
    """Return what this process has used since `began` by the clock, processors since its start."""
    import resource

    own, others = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    processor = sum(one.ru_utime + one.ru_stime for one in (own, others))
    most = max(peak_mb(), round(others.ru_maxrss / 1024))
    return Used(time.perf_counter() - began, processor, most, *_kilobytes())


def _kilobytes() -> tuple[int, int]:
    """Return the kB of 1,000 bytes that this process has read and written."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    counts = dict(line.split(": ") for line in lines)
    return int(counts["rchar"]) // 1000, int(counts["wchar"]) // 1000


def peak_mb() -> int:
    """Return the most memory that this process had, in MB of 2^20 bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return round(int(status.split("VmHWM:")[1].split()[0]) / 1024)


def command(settings: Settings, *words: str) -> Used:
    """Run a command of facecli on a database in a process of its own, start included.

    Raises:
        RuntimeError: it did not do its work.
    """
    options = ["--no-input", "-q", "--db", str(settings.db)]
    options += ["--key-file", str(settings.key_options["key_file"])]
    return module("tests.benchmarks.measured", *options, *words)


def module(name: str, *words: str) -> Used:
    """Run a module that takes the file to which it writes its `Used` as its first argument."""
    import subprocess  # the command that is measured needs neither
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "used.json"
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", name, str(output), *words], stdout=subprocess.DEVNULL
        )
        took = time.perf_counter() - began
        if done.returncode not in WORKED:
            raise RuntimeError(f"{words} ended with exit code {done.returncode}")
        return replace(Used(**json.loads(output.read_text(encoding="utf-8"))), seconds=took)


def write(path: Path, used: Used) -> None:
    """Write it for `module`."""
    path.write_text(json.dumps(asdict(used)), encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    from facecli.cli.main import main as facecli

    output, *words = arguments
    began = time.perf_counter()
    code = facecli(words)
    write(Path(output), used_here(began))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
