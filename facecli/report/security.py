"""The security measures of facecli itself, in words, for records and filings."""

from __future__ import annotations

from facecli.papers.languages import Language


def measures(language: Language) -> tuple[str, ...]:
    """Return the technical measures that hold for every database of facecli."""
    say = language.say
    return (
        say(
            "Templates, photos, names and references are in one encrypted database (SQLCipher, "
            "AES-256). Its key is random, and is kept apart from the data."
        ),
        say(
            "Images are decoded in processes without rights, without keys and within limits. "
            "Nothing goes over a network but the pictures of a camera, or to the machines of a "
            "cluster, that the operator names."
        ),
        say(
            "Every act is in a log with a Merkle tree and signed checkpoints, which shows "
            "tampering. It has pseudonyms and neither names nor faces."
        ),
        say(
            "Erasure overwrites and is verified. It is done in copies too, or they are named as "
            "not yet erased."
        ),
    )
