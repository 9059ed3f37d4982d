"""Golden tables of the two rules: when a form counts, and when a date without a form does."""

from __future__ import annotations

import pytest

from facecli.consent.forms import FormUse, date_refusal, form_refusal

HERS, OTHERS = True, False
USES: list[tuple[list[FormUse], bool, bool, str | None]] = [
    # recorded consents on the form, spent, shared: why it is no consent for gate, version 2
    ([], False, False, None),
    ([], False, True, None),
    ([], True, False, "has ended and was erased"),
    ([], True, True, "has ended and was erased"),
    ([FormUse(HERS, "gate", 2)], False, False, "recorded already"),
    ([FormUse(HERS, "gate", 2)], False, True, "recorded already"),
    ([FormUse(HERS, "gate", 1)], False, False, "to version 1, not 2"),
    ([FormUse(HERS, "gate", 1)], False, True, "to version 1, not 2"),
    ([FormUse(HERS, "gate", 3)], False, True, "to version 3, not 2"),
    ([FormUse(HERS, "door", 2)], False, False, "a consent for purpose door"),
    ([FormUse(HERS, "door", 1)], False, True, None),
    ([FormUse(OTHERS, "gate", 2)], False, False, "the consent of another subject"),
    ([FormUse(OTHERS, "gate", 2)], False, True, None),
    ([FormUse(OTHERS, "gate", 2)], True, True, "has ended and was erased"),
    ([FormUse(OTHERS, "gate", 1)], False, False, "to version 1, not 2"),
    ([FormUse(OTHERS, "gate", 1)], False, True, "to version 1, not 2"),
    ([FormUse(OTHERS, "door", 1)], False, False, "the consent of another subject"),
    ([FormUse(OTHERS, "door", 1)], False, True, None),
    ([FormUse(OTHERS, "door", 1), FormUse(OTHERS, "gate", 2)], False, True, None),
    ([FormUse(OTHERS, "door", 1), FormUse(OTHERS, "gate", 1)], False, True, "to version 1, not 2"),
]


@pytest.mark.rule("one-form-one-consent")
@pytest.mark.parametrize(("uses", "spent", "shared", "why"), USES)
def test_when_a_form_counts(
    uses: list[FormUse], spent: bool, shared: bool, why: str | None
) -> None:
    refused = form_refusal(uses, "gate", 2, spent=spent, shared=shared)
    assert (refused is None) == (why is None)
    assert (why or "") in (refused or "")
    accepted_if_shared = form_refusal(uses, "gate", 2, spent=spent, shared=True) is None
    assert ("--shared-form" in (refused or "")) == (refused is not None and accepted_if_shared)


MON, TUE, WED = "2026-11-23", "2026-11-24", "2026-11-25"
DATES: list[tuple[str, str, str, str | None, str | None]] = [
    # the date, today, the day of the start, the closed day: why it is no consent
    (WED, WED, WED, None, None),
    (TUE, WED, WED, None, "counts only on that day"),
    (TUE, WED, TUE, None, None),
    (WED, WED, TUE, None, None),
    (MON, WED, TUE, None, "counts only on that day"),
    (WED, WED, WED, TUE, None),
    (WED, WED, WED, WED, "does not show that this is newer"),
    (TUE, WED, TUE, MON, None),
    (TUE, WED, TUE, TUE, "does not show that this is newer"),
    (TUE, WED, TUE, WED, "does not show that this is newer"),
    (WED, WED, TUE, TUE, None),
    ("2026-12-01", "2026-12-01", "2026-11-30", "2026-11-30", None),
    ("2027-01-01", "2027-01-01", "2027-01-01", "2026-12-31", None),
]


@pytest.mark.rule("one-form-one-consent")
@pytest.mark.parametrize(("day", "today", "began", "closed", "why"), DATES)
def test_when_a_date_counts(
    day: str, today: str, began: str, closed: str | None, why: str | None
) -> None:
    refused = date_refusal(day, today, began, closed)
    assert (refused is None) == (why is None)
    assert (why or "") in (refused or "")
