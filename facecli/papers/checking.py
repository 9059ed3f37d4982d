"""The end of every letter: the way to have it checked by somebody else."""

from __future__ import annotations

from facecli.papers.languages import Language
from facecli.papers.letter import Check


def check(language: Language, sentence: str, command: str, trust_key: str) -> Check:
    """Return the way to check a letter.

    Args:
        sentence: what can be checked, in the letter's language.
        command: the command without the trust key.
    """
    return Check(
        heading=language.say("How to have this checked"),
        sentence=sentence,
        command=f"{command} --trust-key '{trust_key}'",
        key_name=language.say("The key to trust, which never changes:"),
        trust_key=trust_key,
        code_name=language.say("The same command and key as a QR code"),
    )
