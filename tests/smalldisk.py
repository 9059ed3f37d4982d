"""A file system that is full: facecli on a small tmpfs of its own, seen by nobody else."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import PROJECT, Facecli, Run

SCRIPT = """
mount -t tmpfs -o size="$1"k none "$2" || exit 99
disk=$2; shift 2
"$@"
code=$?
cd "$disk" && find . -mindepth 1 | sed 's,^./,left: ,' | sort >&2
exit $code
"""


def on_small_disk(facecli: Facecli, kilobytes: int, *arguments: object) -> tuple[Run, list[str]]:
    """Run a command that may write `kilobytes` under `{disk}`, and what it leaves there."""
    disk = facecli.folder / "disk"
    disk.mkdir()
    given = [str(one).replace("{disk}", str(disk)) for one in arguments]
    command = [sys.executable, "-m", "facecli", *facecli.globals, *given]
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", SCRIPT, "sh", str(kilobytes), str(disk), *command],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    assert done.returncode != 99, f"no file system can be mounted here: {done.stderr}"
    lines = done.stderr.splitlines()
    left = [line.removeprefix("left: ") for line in lines if line.startswith("left: ")]
    return Run(done.returncode, done.stdout, done.stderr), left
