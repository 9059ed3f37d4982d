"""The register in the letter of access: what others hold, disclosures, requests, the choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from facecli.papers.directions import isolated
from facecli.papers.languages import Language
from facecli.papers.letter import Section

Records = Sequence[Mapping[str, Any]]


def sections(
    document: Mapping[str, Any], titles: Mapping[str, str], zone: str, language: Language
) -> Iterator[Section]:
    """Yield a section for each part of the register that has entries.

    Args:
        document: the data, as `report.disclosure.SUBJECT_SCHEMA` describes them.
        titles: the title of each purpose by its code.
    """
    say = language.say
    parts = (
        (
            say("Data that others hold on you"),
            held_elsewhere(document["elsewhere"], zone, language),
        ),
        (say("Disclosures of your data"), _disclosures(document["disclosures"], language)),
        (say("Your requests and complaints"), _requests(document["requests"], zone, language)),
        (
            say("Offers of the way without your face"),
            _offers(document["alternative_offers"], titles, language),
        ),
    )
    for title, facts in parts:
        if found := tuple(facts):
            yield Section(title, facts=found)


def kinds_held_elsewhere(language: Language) -> dict[str, str]:
    """Return the kinds of data that others hold, in words, by the code of each."""
    say = language.say
    return {
        "photo": say("a photo"),
        "fingerprint": say("a fingerprint"),
        "iris": say("an iris"),
        "palm": say("a palm"),
        "voice": say("a voice"),
        "face-data": say("face data"),
        "card": say("a card"),
        "paper": say("paper"),
        "other": say("other data"),
    }


def held_elsewhere(items: Records, zone: str, language: Language) -> Iterator[tuple[str, str]]:
    """Yield what others hold, and where, with the state of its deletion.

    Args:
        items: as `consent.register.document.item_record` returns them.
    """
    say, kinds = language.say, kinds_held_elsewhere(language)
    for one in items:
        words = [one["where"]]
        if one["since"]:
            words.append(say("since {day}", day=language.date(one["since"])))
        if one["confirmed_at"]:
            day = language.day(one["confirmed_at"], ZoneInfo(zone))
            words.append(say("deletion confirmed on {day}", day=day))
        else:
            words.append(say("deletion not confirmed"))
        yield kinds[one["what"]], say("; ").join(map(isolated, words))


def _disclosures(found: Records, language: Language) -> Iterator[tuple[str, str]]:
    for one in found:
        words = language.say(
            "{what}, to {recipient}; basis: {basis}",
            what=one["what"],
            recipient=one["recipient"],
            basis=one["basis"],
        )
        if one["whole_database"]:
            words = language.say("A breach of the whole database: {what}", what=words)
        yield language.date(one["day"]), words


def request_kinds(language: Language) -> dict[str, str]:
    """Return the kinds of requests in words."""
    say = language.say
    return {
        "access": say("access to your data"),
        "erase": say("erasure"),
        "correct": say("correction"),
        "complain": say("complaint"),
    }


def _requests(found: Records, zone: str, language: Language) -> Iterator[tuple[str, str]]:
    say, kinds = language.say, request_kinds(language)
    for one in found:
        kind = kinds[one["kind"]]
        if one["answered_at"] is None:
            until = language.end(one["due_at"], zone)
            words = say("{kind}: to be answered until {day}", kind=kind, day=until)
        else:
            day = language.day(one["answered_at"], ZoneInfo(zone))
            words = say(
                "{kind}: answered on {day}: {answer}", kind=kind, day=day, answer=one["answer"]
            )
        if one["refused"]:
            words = say("{answer} (refused: {reason})", answer=words, reason=one["refused"])
        yield language.date(one["received_on"]), words


def _offers(
    found: Records, titles: Mapping[str, str], language: Language
) -> Iterator[tuple[str, str]]:
    say = language.say
    choices = {
        None: say("no choice yet"),
        "face": say("you chose your face"),
        "alternative": say("you chose the other way"),
    }
    for one in found:
        purpose = one["purpose"]
        words = [say("for any purpose") if purpose is None else titles.get(purpose, purpose)]
        words.append(choices[one["choice"]])
        if one["changed"]:
            words.append(say("you chose otherwise later"))
        yield language.date(one["offered_on"]), say("; ").join(map(isolated, words))
