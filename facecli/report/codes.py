"""The codes of states, rules, acts and laws in words. JSON has the codes themselves."""

from __future__ import annotations

from functools import cache

from facecli.papers.languages import Language


def in_words(code: str, language: Language) -> str:
    """Return a code in words, or the code itself if it has none."""
    return _words(language).get(code, code)


@cache
def _words(language: Language) -> dict[str, str]:
    say = language.say
    return {
        "active": say("in use"),
        "restricted": say("stored, not used"),
        "alternative-only": say("uses the alternative"),
        "in-force": say("in force"),
        "earlier-version": say("to an earlier version"),
        "ended": say("ended"),
        "withdrawn": say("withdrawn"),
        "purpose-retired": say("purpose retired"),
        "consent-expired": say("consent ended"),
        "retention-over": say("retention over"),
        "inactive": say("no interaction"),
        "purpose-revised": say("purpose revised"),
        "purpose-met": say("purpose met"),
        "no-consent": say("no consent"),
        "legal-hold": say("legal hold"),
        "removed": say("removed by hand"),
        "revoke": say("withdrawal"),
        "purge": say("purge"),
        "faces": say("removal by hand"),
        "backup": say("backup"),
        "set-aside": say("set aside by a restore"),
        "making": say("being made"),
        "kept": say("kept"),
        "open": say("open"),
        "confirmed": say("confirmed"),
        "overdue": say("overdue"),
        "answered": say("answered"),
        "refused": say("refused"),
        "access": say("access"),
        "erase": say("erasure"),
        "correct": say("correction"),
        "complain": say("complaint"),
        "photo": say("photo"),
        "fingerprint": say("fingerprint"),
        "iris": say("iris"),
        "palm": say("palm"),
        "voice": say("voice"),
        "face-data": say("face data"),
        "card": say("card"),
        "paper": say("paper"),
        "other": say("other data"),
        "due-already": say("due already"),
        "everybody": say("everybody"),
        "verification": say("one to one"),
        "identification": say("search of the gallery"),
        "shipped overall": say("shipped, for everybody"),
        "shipped worst group": say("shipped, for the worst group"),
        "own overall": say("of the model card, for everybody"),
        "own worst group": say("of the model card, for the worst group"),
        "camera": say("camera"),
        "handed-in": say("handed in"),
        "document": say("document"),
        "yes": say("yes"),
        "no": say("no"),
        "doubtful": say("yes, and it is doubtful"),
        "none": say("none"),
        "tags": say("tags under a key"),
        "refs": say("references"),
        "leaving": say("being removed"),
        "CAC Measures (2025) 15": say("CAC Measures (2025) 15"),
    }
