"""The rules that facecli keeps for the people whose faces it holds, and the tests that show each.

A test that shows a rule is marked `@pytest.mark.rule("its-name")`. `make rules` prints every rule
with its tests. The sources are statutes, guidance and judgments; nothing here is legal advice.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parent
MARK = "pytest.mark.rule"


@dataclass(frozen=True)
class Rule:
    """One rule. owed: what is still to be built before a test can show it; None: nothing."""

    name: str
    sentence: str
    source: str
    owed: str | None = None


RULES = (
    Rule(
        "consent-before-enrolment",
        "Enrolment is refused without a separate, unexpired consent to this purpose and notice.",
        "PIPL 14, 29; CAC Measures (2025) 6",
    ),
    Rule(
        "notice-fields",
        "The notice names controller, contact, purpose, method, data, retention, rights, need and "
        "impact.",
        "PIPL 17, 30; CAC Measures 5",
    ),
    Rule(
        "consent-version",
        "A changed purpose, method or scope, or a longer retention, needs a new consent.",
        "PIPL 14; the Guo judgment",
    ),
    Rule(
        "withdraw-as-easily",
        "One command withdraws and erases, with no question beyond a confirmation.",
        "PIPL 15; GDPR 7(3)",
    ),
    Rule(
        "alternative-named",
        "Every purpose names an alternative that does not use the face, and whoever chooses it is "
        "never templated.",
        "CAC Measures 10",
    ),
    Rule("guardian", "A child's consent is given by a guardian.", "PIPL 31; CAC Measures 7"),
    Rule(
        "copy-correct-erase",
        "A person gets a copy of what is held, can correct it and have it erased; a refusal states "
        "its reason.",
        "PIPL 44-47, 50; GDPR 15-17, 20",
    ),
    Rule(
        "earliest-deletion",
        "What is held is erased unprompted when the earliest of its ends has come: purpose met, "
        "consent over, retention over, inactive too long.",
        "PIPL 47; BIPA 15(a); Colorado HB24-1130",
    ),
    Rule(
        "agree-again",
        "Nobody is matched under a new version without agreeing to it.",
        "PIPL 14; the Guo judgment",
    ),
    Rule(
        "agree-again-in-time",
        "Whoever does not agree to a new version within the stated time is erased.",
        "PIPL 14; the Guo judgment",
    ),
    Rule(
        "due-is-not-used",
        "From its due date on, no template is matched and no match event revives it, whether or "
        "not a purge ran.",
        "PIPL 47; the Guo judgment",
    ),
    Rule(
        "log-forgets-visits",
        "When a match event is erased, nothing left says that this person was there then.",
        "PIPL 47; GDPR 5(1)(e)",
    ),
    Rule(
        "rate-is-a-ceiling",
        "A command may be stricter than the rate that a person agreed to, never looser.",
        "PIPL 14; the Guo judgment",
    ),
    Rule(
        "one-form-one-consent",
        "One signed form is the consent of one person, to one purpose, to the version they saw.",
        "PIPL 29",
    ),
    Rule(
        "notice-shown",
        "A consent is to a notice that the person was shown, of the version then in force.",
        "PIPL 14, 17; the Guo judgment",
    ),
    Rule(
        "end-date-includes-its-day",
        "A date is a day in the controller's time zone, and an end date includes its day.",
        "common sense; a court's `until 30 June`",
    ),
    Rule(
        "copies-are-held-data",
        "Backups and files set aside are erased too, or named as not yet erased, and are never "
        "used as a live gallery.",
        "Danish DPA and CNIL guidance; GDPR 17",
    ),
    Rule(
        "search-is-accounted-for",
        "The entry of a search says who asked, on whose authority, from when to when, in which "
        "database, and how many were searched.",
        "EU AI Act 12(3); the Los Angeles case",
    ),
    Rule(
        "photo-origin",
        "A photo's origin is recorded; pictures collected from the web are not enrolled.",
        "Texas HB 149 (2026); the Clearview case",
    ),
    Rule(
        "held-elsewhere",
        "Data that a controller holds elsewhere is on record, and withdrawal asks for proof of its "
        "deletion.",
        "the Guo judgment: photos and fingerprints included",
    ),
    Rule(
        "disclosures-on-record",
        "Each disclosure and breach is on record, and in the copy of whom it concerns.",
        "PIPL 23, 57; GDPR 15(1)(c), 33(5); `not leak, sell or illegally provide`",
    ),
    Rule(
        "free-choice",
        "The record shows to how many the alternative was offered, how many took it, and how many "
        "changed.",
        "CAC Measures 10; the Hefei case",
    ),
    Rule(
        "readable-papers",
        "A person can read notices, receipts, certificates and copies in their language.",
        "PIPL 17; GDPR 12(1)",
    ),
    Rule(
        "published-retention",
        "The retention policy can be published from the records themselves.",
        "BIPA 15(a); Colorado HB24-1130",
    ),
    Rule(
        "restricted-not-matched",
        "What the law requires to be kept is restricted: stored, never matched.",
        "PIPL 47",
    ),
    Rule("consent-ends", "A consent with no end is refused.", "PIPL 19"),
    Rule(
        "no-network",
        "Nothing goes over the network unless the user names a camera.",
        "CAC Measures 8",
    ),
    Rule(
        "impact-assessment",
        "Every purpose has the id of an impact assessment.",
        "PIPL 55-56; CAC Measures 9",
    ),
    Rule(
        "filing-threshold",
        "A warning comes as the number of people stored nears 100,000.",
        "CAC Measures 15",
    ),
    Rule(
        "people-count-once",
        "People are counted once over all purposes and databases.",
        "CAC notice of 28 May 2025",
    ),
    Rule(
        "erased-after-restore",
        "After a restore, everything erased since the backup is erased again before use.",
        "Danish DPA guidance",
    ),
    Rule(
        "pseudonyms-after-erasure",
        "The record of processing survives erasure with pseudonyms only.",
        "GDPR 5(2), 30",
    ),
)


def marked(file: Path) -> Iterator[tuple[str, str]]:
    """Yield the name of each rule that a test file marks, and the test or class that it marks."""
    text = file.read_text(encoding="utf-8")
    if MARK not in text:  # most files: parsing them all takes seconds
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            for decorator in node.decorator_list:
                for name in _named_by(decorator):
                    yield name, node.name


def _named_by(decorator: ast.expr) -> Iterator[str]:
    for node in ast.walk(decorator):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == MARK:
            yield from (ast.literal_eval(argument) for argument in node.args)


def shown(folder: Path = TESTS) -> dict[str, list[str]]:
    """Map the name of each rule that a test marks to its tests, as pytest names them."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.rglob("test_*.py")):
        for name, test in marked(file):
            found.setdefault(name, []).append(f"{file.relative_to(folder.parent)}::{test}")
    return found


def complaints(rules: tuple[Rule, ...], tests: dict[str, list[str]]) -> list[str]:
    """Return what is wrong: rules without a test, unknown names, owed rules that have a test."""
    known = {rule.name: rule for rule in rules}
    wrong = [f"{name} is no rule: {tests[name][0]}" for name in tests if name not in known]
    for name, rule in known.items():
        if rule.owed and name in tests:
            wrong.append(f"{name} is owed and has a test: it is no longer owed: {tests[name][0]}")
        if not rule.owed and name not in tests:
            wrong.append(f"{name} has no test and is not owed")
    return wrong


def main() -> None:
    """Print each rule with its tests; then the rules that are owed."""
    tests = shown()
    kept = [rule for rule in RULES if not rule.owed]
    for rule in kept:
        _print(rule)
        for test in tests.get(rule.name, ["no test"]):
            print(f"      {test}")
        print()
    owed = [rule for rule in RULES if rule.owed]
    print(f"Owed: {len(owed)} of {len(RULES)} rules.")
    for rule in owed:
        print()
        _print(rule)
        print(f"    owed: {rule.owed}")


def _print(rule: Rule) -> None:
    print(rule.name)
    print(textwrap.fill(rule.sentence, 80, initial_indent="    ", subsequent_indent="    "))
    print(f"    ({rule.source})")


if __name__ == "__main__":
    main()
