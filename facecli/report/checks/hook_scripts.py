"""The script that a hook gives to an interpreter, such as `/bin/sh /usr/local/bin/tell`."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

CODE_OPTIONS = {
    **dict.fromkeys(("sh", "ash", "bash", "dash", "ksh", "zsh", "fish"), "c"),
    "python": "cm", "perl": "eE", "ruby": "e", "node": "ep",
}  # fmt: skip
"""Interpreters, and the letters of the options with which code follows instead of a script."""
_ASSIGNMENT = re.compile(r"\w+=", re.ASCII)


def script_of(words: Sequence[str]) -> str | None:
    """Return the script that the program of a hook interprets, or None.

    A relative path counts only where no option comes before it, which might take it as its value.

    Args:
        words: the program and its arguments.
    """
    name = os.path.basename(words[0]).rstrip("0123456789.")
    rest = list(words[1:])
    if name == "env":
        while rest and (rest[0].startswith("-") or _ASSIGNMENT.match(rest[0])):
            del rest[0]
        return script_of(rest) if rest else None
    if name not in CODE_OPTIONS:
        return None
    for at, word in enumerate(rest):
        if not word.startswith("-"):
            if at == 0 or os.path.isabs(word):
                return word
        elif not word.startswith("--") and set(word) & set(CODE_OPTIONS[name]):
            return None
    return None
