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


def log_check(language: Language, trust_key: str) -> Check:
    """Return the way to check a letter by the exports of the log."""
    return check(
        language,
        language.say(
            "Our log records the acts that this letter is about. Whoever has its exports and its "
            "checkpoint can check that none was changed or left out:"
        ),
        "facecli log verify log-*.jsonl --checkpoint seal",
        trust_key,
    )
