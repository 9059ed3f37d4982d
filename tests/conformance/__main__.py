"""Decodes the test images of Pillow, over 1,000 odd and broken files: `make test-images`.

    python -m tests.conformance [--images DIR] [--write]

pip downloads Pillow's source archive, which holds them (MIT-CMU licence; they do not ship here).
The table of outcomes by kind is printed and compared with the golden one beside this file, and so
are the files that are refused though their kind is read. `--write` writes both anew.
"""

from __future__ import annotations

import argparse
import difflib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import PIL

from tests.conformance.outcomes import outcomes, refusals, table

GOLDEN = Path(__file__).with_name("pillow_images.txt")


def main() -> int:
    """Return the exit code: 0 if the outcomes are those of the golden table."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance")
    parser.add_argument("--images", type=Path, help="a folder instead of Pillow's test images")
    parser.add_argument("--write", action="store_true", help="write the golden table anew")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = outcomes(asked.images or _pillow_images(Path(folder)))
    lines = [f"Pillow {PIL.__version__}", "", *table(found), "", *refusals(found)]
    print("\n".join(table(found)))
    if asked.images is not None:
        return 0
    if asked.write:
        GOLDEN.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return 0
    golden = GOLDEN.read_text(encoding="utf-8").splitlines()
    differences = list(difflib.unified_diff(golden, lines, "golden", "found", lineterm="", n=0))
    print("\n".join(differences) or "All outcomes are those of the golden table.")
    return 1 if differences else 0


def _pillow_images(folder: Path) -> Path:
    """Download the source archive of the installed Pillow, and return the folder of its images."""
    command = ["pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    subprocess.run(
        [sys.executable, "-m", *command, "--dest", str(folder), f"pillow=={PIL.__version__}"],
        check=True,
    )
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.glob("*/Tests/images"))


if __name__ == "__main__":
    sys.exit(main())
