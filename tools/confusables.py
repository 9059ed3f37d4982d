"""Make facecli/consent/confusables.txt from Unicode's file of that name.

    python -m tools.confusables confusables.txt

The file is https://www.unicode.org/Public/security/16.0.0/confusables.txt; the sources of ICU 76
have it too (source/data/unidata/). What is left out here are names and comments.
"""

from __future__ import annotations

import sys
from pathlib import Path

from facecli.consent.skeletons import TABLE

HEAD = (
    "# A character and its prototype, in hexadecimal: confusables.txt of Unicode TS 39, version "
    "{version}.\n# Copyright Unicode, Inc.; LICENSE-unicode.txt. Made by `python -m "
    "tools.confusables`.\n"
)


def table(text: str) -> str:
    """Return our table from the text of Unicode's file.

    Raises:
        ValueError: the file states no version, or has a line of another form.
    """
    version, rows = None, []
    for line in text.lstrip("\ufeff").splitlines():
        content, _, comment = line.partition("#")
        if comment.strip().startswith("Version:"):
            version = comment.split(":")[1].strip()
        if content.strip():
            source, prototype, _ = (field.strip() for field in content.split(";"))
            rows.append(f"{source} {prototype}\n")
    if version is None or not all(len(row.split()) > 1 for row in rows):
        raise ValueError("this is not Unicode's confusables.txt")
    return HEAD.format(version=version) + "".join(
        sorted(rows, key=lambda row: int(row.split()[0], 16))
    )


def main() -> None:
    """Write the table."""
    [source] = sys.argv[1:]
    TABLE.write_text(table(Path(source).read_text(encoding="utf-8-sig")), encoding="ascii")


if __name__ == "__main__":
    main()
