"""Checks of text from outside: REFs, names, cases and reasons.

Characters that could hide or reorder text are refused: controls, line and paragraph separators,
formatting characters (with the bidirectional overrides), private use and unassigned ones. Letters
of every script are allowed.
"""

from __future__ import annotations

import unicodedata

from facecli.errors.command_line import BadText

LONGEST_REF = 128  # characters
LONGEST_NAME = 256
LONGEST_NOTE = 2000
LONGEST_CASE = 64
REFUSED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
EMPTY_WORDS = {
    "none", "no", "nil", "null", "na", "not applicable", "nothing", "no alternative", "tbd",
    "todo", "tba", "xxx", "unknown", "nichts", "nein", "kein", "keine", "keiner", "keines",
    "keine alternative", "entfällt", "aucun", "aucune", "rien", "non", "ninguno", "ninguna", "nada",
    "nessuno", "nessuna", "niente", "nenhum", "nenhuma", "geen", "niets", "brak", "нет", "なし",
    "ない", "없음", "无", "無", "没有", "沒有", "暂无", "不适用", "不適用",
}  # fmt: skip
"""Words that stand where nothing is stated, without punctuation."""
UNSEEN = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800),
    (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3), (0x1D159, 0x1D159), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Characters without a mark of their own, first and last of each range: Unicode's property
Default_Ignorable_Code_Point, with BRAILLE PATTERN BLANK and MUSICAL SYMBOL NULL NOTEHEAD."""
JOINERS = "\u200c\u200d"  # part of the spelling of Persian and Indic names


def check_ref(ref: str) -> str:
    """Return a subject's REF in normal form C.

    Raises:
        BadText: the text is empty, too long, padded with blanks, or has a refused character.
    """
    return _check(ref, "The REF", LONGEST_REF, allowed="")


def check_name(name: str, what: str = "The name") -> str:
    """Return a person's name in normal form C. Raises BadText as `check_ref` does."""
    return _check(name, what, LONGEST_NAME, allowed=JOINERS)


def check_note(text: str, what: str) -> str:
    """Return a reason or another note in normal form C. Raises BadText."""
    return check_short(text, what, LONGEST_NOTE)


def check_short(text: str, what: str, longest: int) -> str:
    """Return a text of at most `longest` characters in normal form C. Raises BadText."""
    return _check(text, what, longest, allowed=JOINERS)


def check_case(text: str) -> str:
    """Return a case's id in normal form C.

    Raises:
        BadText: it has a blank or states nothing, or see `check_ref`.
    """
    case = _check(normalized(text), "The case", LONGEST_CASE, allowed="")
    if any(map(str.isspace, case)):
        raise BadText(what="The case", why="it has a blank in it; write a hyphen for it")
    if is_empty_word(case):
        raise BadText(what="The case", why="it names no case")
    return case


def _check(text: str, what: str, longest: int, allowed: str) -> str:
    if not text:
        raise BadText(what=what, why="it is empty")
    if len(text) > longest:
        raise BadText(what=what, why=f"it has {len(text)} characters; {longest} are the most")
    for character in text:
        if unicodedata.category(character) in REFUSED_CATEGORIES and character not in allowed:
            why = f"the character U+{ord(character):04X} could hide or reorder text"
            raise BadText(what=what, why=why)
    if text != text.strip():
        raise BadText(what=what, why="it begins or ends with a blank")
    return normalized(text)


def is_unseen(character: str) -> bool:
    """Return True for a character that leaves no mark, or a blank one that is no space."""
    point = ord(character)
    return point > 0xAC and any(first <= point <= last for first, last in UNSEEN)


def check_seen(ref: str, *, distinct: bool) -> None:
    """Refuse a new REF that has a character without a mark, or with `distinct` no other.

    Raises:
        BadText
    """
    unseen = [f"U+{ord(one):04X}" for one in ref if is_unseen(one)]
    if len(unseen) == len(ref):
        raise BadText(what="The REF", why="none of its characters can be seen")
    if unseen and not distinct:
        why = f"the character {unseen[0]} cannot be seen; leave it out, or give --distinct"
        raise BadText(what="The REF", why=why)


def is_empty_word(text: str) -> bool:
    """Return True if the text states nothing: no letter or digit, or only a word for nothing."""
    kept = "".join(one if one.isalnum() else " " if one.isspace() else "" for one in folded(text))
    words = " ".join(kept.split())
    return not words or bool({words, words.replace(" ", "")} & EMPTY_WORDS)


def folded(text: str) -> str:
    """Return a text in small letters, ordinary ones for full-width ones, and without joiners."""
    return plain_letters(text).casefold()


def plain_letters(text: str) -> str:
    """Return a text in ordinary letters for full-width ones, and without joiners."""
    seen = "".join(one for one in text if one not in JOINERS)
    return unicodedata.normalize("NFKC", seen)


def normalized(text: str) -> str:
    """Return text in normal form C, in which it is stored and looked up."""
    return unicodedata.normalize("NFC", text)
