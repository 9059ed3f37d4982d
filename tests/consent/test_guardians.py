"""A minor's consent is given by the guardian on record."""

from __future__ import annotations

import pytest

from facecli.consent import guardians
from facecli.errors.consent import NoGuardian
from tests.consent.conftest import World


@pytest.mark.rule("guardian")
@pytest.mark.parametrize(
    ("minor", "named", "passes"),
    [
        (True, "Ana Müller", True),
        (True, "ana  mu\u0308ller", True),  # case, blanks and the way to write a letter
        (True, "Ana Muller", False),
        (True, "Bob Müller", False),
        (True, "", False),
        (True, None, False),
        (False, None, True),
        (False, "Anybody", True),
    ],
)
def test_the_guardian_named_is_the_one_on_record(
    gate: World, minor: bool, named: str | None, passes: bool
) -> None:
    subject = gate.add("M-1", minor=minor, guardian="Ana Müller" if minor else None)
    if passes:
        guardians.check(subject, gate.purpose(), named)
        return
    with pytest.raises(NoGuardian) as refused:
        guardians.check(subject, gate.purpose(), named)
    assert (refused.value.reason, refused.value.exit_code) == ("no-guardian", 20)
    assert "Ana" not in str(refused.value)
