"""Letters in files: a page if the name ends in `.html`, else text.

A letter names a person. Nothing of it stays in the database, so that it cannot be made again.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from facecli.cli.files import Output, atomic_file, make_folder, refuse_replacing
from facecli.errors.audit import LetterLost
from facecli.errors.command_line import OutputFailed

if TYPE_CHECKING:
    from facecli.consent.asking_again import AskAgain
    from facecli.papers.ask_again import Circumstances
    from facecli.papers.languages import Language
    from facecli.papers.letter import Letter

PAGES = (".html", ".htm")
LONGEST_NAME = 60
Write = Callable[["Letter"], None]


def write_letter(letter: Letter, path: Path) -> None:
    """Write a letter to a file, whole or not at all. Raises OutputFailed."""
    with atomic_file(path, interrupted=False) as stream:
        stream.write(_content(letter, path))


@contextmanager
def handing_over(path: Path | None) -> Iterator[Write]:
    """Yield a function that brings a letter to the disk; call it in the act that it is about.

    The file is made, under another name, before that act, and is renamed after it. A place that
    cannot be written therefore undoes the act. Without a path the function is never to be called.

    Raises:
        OutputFailed: the file cannot be written; the act is undone.
        LetterLost: it could not be renamed, and the act is done.
    """
    if path is None:
        yield _nowhere
        return
    written = False
    acted = False
    try:
        with atomic_file(path, interrupted=False) as stream:

            def write(letter: Letter) -> None:
                nonlocal written
                stream.write(_content(letter, path))
                stream.flush()
                os.fsync(stream.fileno())
                written = True

            yield write
            acted = True
    except OutputFailed as error:
        if not (written and acted):
            raise
        raise LetterLost(path=path, why=error.details["why"]) from None


def write_letters(
    people: Sequence[AskAgain],
    circumstances: Circumstances,
    folder: Path,
    language: Callable[[AskAgain], Language],
) -> list[Path]:
    """Write the letters that ask people again to a folder, a page and a text for each.

    The folder is made if it is not there. Letters of before to the same people are replaced.

    Args:
        language: returns that of a person.

    Returns:
        The pages, in the order of `people`.

    Raises:
        click.UsageError: one of the files would replace a file of facecli's own; none is written.
        OutputFailed: one cannot be written.
    """
    from facecli.papers import ask_again

    refs = [one.subject.ref for one in people]
    pages = [folder / f"{name}.html" for name in letter_names(refs)]
    texts = [folder / f"{page.stem}.txt" for page in pages]
    refuse_replacing([Output("--letter", path) for path in (*pages, *texts)], [])
    make_folder(folder)
    for person, page, text in zip(people, pages, texts, strict=True):
        letter = ask_again.letter(person, circumstances, language(person))
        write_letter(letter, page)
        write_letter(letter, text)
    return pages


def letter_names(refs: Sequence[str]) -> list[str]:
    """Return the name of a file for each REF, all different, whatever the REFs contain.

    Letters and digits of ASCII, `-` and `_` stand as they are, with a part of the REF's SHA-256
    where another character had to be replaced, or where two names differ in their case alone.
    """
    plain = [re.sub(r"[^A-Za-z0-9_-]+", "_", ref)[:LONGEST_NAME] for ref in refs]
    often = Counter(name.casefold() for name in plain)
    return [
        f"letter-{name}"
        if name == ref and often[name.casefold()] == 1
        else f"letter-{name}.{hashlib.sha256(ref.encode()).hexdigest()[:12]}"
        for name, ref in zip(plain, refs, strict=True)
    ]


def is_page(path: Path) -> bool:
    """Return True if a letter in this file is a page, by its name."""
    return path.suffix.lower() in PAGES


def _content(letter: Letter, path: Path) -> bytes:
    if is_page(path):
        from facecli.papers import as_html

        return as_html.html(letter).encode()
    from facecli.papers import as_text

    return as_text.text(letter).encode()


def _nowhere(_: Letter) -> None:
    raise ValueError("there is no file for the letter")
