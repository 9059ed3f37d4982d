"""A database with the people of sample_data enrolled, for commands in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SAMPLE_DATA = Path(__file__).parent.parent.parent / "sample_data"


def enrolled(folder: Path, engine: str) -> list[str]:
    """Make it in `folder`, which must not be there yet; how facecli is called on it."""
    folder.mkdir(mode=0o700)
    program = [
        *(sys.executable, "-m", "facecli", "--no-input", "-q"),
        *("--db", f"{folder}/facecli.db", "--key-file", f"{folder}/key"),
    ]
    for command in (
        ["init", "--engine", engine],
        ["purpose", "apply", f"{SAMPLE_DATA}/purposes.toml"],
        ["enroll", "batch", f"{SAMPLE_DATA}/manifest.csv"],
    ):
        subprocess.run([*program, *command], check=True, stdout=subprocess.DEVNULL)
    return program
