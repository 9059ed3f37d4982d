"""The table of confusable characters is Unicode's, without names and comments."""

from __future__ import annotations

import pytest

from facecli.consent.skeletons import TABLE
from tools.confusables import table

SOURCE = """\ufeff# confusables.txt
# Version: 16.0.0
#
1D7CF ;\t006C ;\tMA\t# ( x ) MATHEMATICAL BOLD DIGIT ONE → LATIN SMALL LETTER L\t# →1→

0410 ;\t0041 ;\tMA\t# ( x ) CYRILLIC CAPITAL LETTER A → LATIN CAPITAL LETTER A\t#
00E6 ;\t0061 0065 ;\tMA\t# ( æ → ae ) LATIN SMALL LETTER AE → LATIN SMALL LETTER A, …\t#
"""


def test_rows_are_sorted_and_have_two_fields() -> None:
    found = table(SOURCE).splitlines()
    assert found[2:] == ["00E6 0061 0065", "0410 0041", "1D7CF 006C"]


def test_the_rows_of_the_sample_are_in_the_table_that_ships() -> None:
    shipped = TABLE.read_text(encoding="ascii")
    assert shipped.startswith(table(SOURCE).splitlines()[0])
    assert {"00E6 0061 0065", "0410 0041", "1D7CF 006C"} <= set(shipped.splitlines())
    assert len(shipped.splitlines()) > 6000


@pytest.mark.parametrize("text", ["", "# Version: 1\n41 ; ; MA\n", "0410 ; 0041 ; MA\n"])
def test_another_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="confusables"):
        table(text)
