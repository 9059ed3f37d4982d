"""`facecli report`: the custody report, and the papers that laws ask of a controller."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from facecli.cli.help_pages import CommandGroup
from facecli.cli.letters import language_of, letter_language
from facecli.cli.options import FILE, KEY_FILE, OUTPUT, pass_settings
from facecli.cli.output import output_of_act, print_text
from facecli.cli.session import Settings, session

if TYPE_CHECKING:
    from facecli.papers.languages import Language
    from facecli.report.document import Document
    from facecli.store.database import Database

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group(
    cls=CommandGroup,
    invoke_without_command=True,
    epilog="Exit codes: 0 written; 2 usage; 30, 31 the log was altered or replaced by an older "
    "one; 74 the file could not be written, and nothing changed; 75 logged, but the file could not "
    "get its name; 10-12 database or key.",
)
@click.option("--output", type=OUTPUT, metavar="FILE.html",
              help="The file to write, whole or not at all, mode 0600.")  # fmt: skip
@letter_language
@click.option("--with-refs", is_flag=True, help="Name subjects by REF too, not by pseudonym only.")
@click.option("--format", "form", type=click.Choice(["html", "json"]), help="A page to read, or "
              "the same figures as data.  [default: by the name of the output, else html]",
              )  # fmt: skip
@pass_settings
def command(
    settings: Settings, output: Path | None, lang: str, with_refs: bool, form: str | None
) -> None:
    """Write the custody report: one page that accounts for everything held.

    It states who is held, for which purpose, on which version and until when; consents by state;
    what is due in the next twelve months; enrolments, searches, refusals and erasures by month;
    certificates, copies, error rates, and the place of the report in the log. The page makes no
    request, and can be printed. Tables of more than 10,000 rows are in the JSON only. The report is
    logged with the SHA-256 of its file before the file appears.

    \b
    Example:
      facecli report --output custody.html
    """
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        _refuse_options_before(context)
        return
    if output is None:
        raise click.UsageError("name the file to write with --output FILE.html")
    from facecli.report import as_html, as_json, drawing
    from facecli.report.custody import making
    from facecli.report.custody.position import ACTION

    form = form or ("json" if output.suffix.lower() == ".json" else "html")
    render = {"html": as_html.html, "json": as_json.json}[form]
    if form == "html" and not drawing.can_draw():
        settings.note("The page has no plots: they need matplotlib (`make install EXTRAS=yes`).")
    with (
        session(settings, ACTION) as opened,
        output_of_act(opened.act, output) as (act, stream),
    ):
        made = making.make(
            act,
            language_of(settings, lang, "facecli.report"),
            render,
            form,
            output.name,
            with_refs=with_refs,
        )
        stream.write(made.content)
    settings.note(f"Wrote the custody report to {output}. It is entry {made.entry:,} of the log.")


FORMATS = {".html": "html", ".htm": "html", ".json": "json", ".md": "markdown"}


def paper_options(command: Command) -> Command:
    """`--output`, `--lang` and `--format`, for reports that are papers."""
    command = click.option(
        "--format",
        "form",
        type=click.Choice(["markdown", "html", "json"]),
        help="How to write it.  [default: by the name of the output, else markdown]",
    )(command)
    command = letter_language(command)
    return click.option(
        "--output", type=OUTPUT, metavar="FILE", help="Write to FILE, whole or not at all."
    )(command)


def _format(form: str | None, output: Path | None) -> str:
    return form or FORMATS.get(output.suffix.lower() if output else "", "markdown")


def _render(document: Document, form: str) -> str:
    from facecli.report import as_html, as_json, as_markdown

    return {"html": as_html.html, "json": as_json.json, "markdown": as_markdown.markdown}[form](
        document
    )


def _note_missing(settings: Settings, document: Document) -> None:
    """Name what a law demands and nobody stated."""
    missing = document.missing_by_heading()
    for heading, fact in missing:
        where = f" of {heading!r}" if heading else ""
        settings.note(f"warning: nobody stated {fact.name!r}{where}, which {fact.needed} asks for.")
    if missing:
        settings.note("State what is missing in the purpose file; see facecli-purposes(5).")


PAPER_CODES = (
    "Exit codes: 0 written; 2 usage; 74 the output could not be written; 10-12 database or key."
)


@command.command(epilog=PAPER_CODES)
@paper_options
@pass_settings
def policy(settings: Settings, output: Path | None, lang: str, form: str | None) -> None:
    """Write the public retention policy, from the purposes as they stand.

    States for each purpose what is kept, why, for how long, and how it is destroyed (BIPA 15(a),
    Colorado HB24-1130). Names no person. Leaves no entry in the log.

    \b
    Example:
      facecli report policy --output policy.html
    """
    from facecli.report import policy as content

    _print_standing(settings, "report.policy", content.document, output, lang, form)


@command.command(epilog=PAPER_CODES)
@paper_options
@pass_settings
def processing(settings: Settings, output: Path | None, lang: str, form: str | None) -> None:
    """Write the record of processing activities (GDPR 30), from the purposes as they stand.

    An item of the article that the purpose file does not state is named as missing. Names no
    person. Leaves no entry in the log.

    \b
    Example:
      facecli report processing --output processing.html
    """
    from facecli.report import processing as content

    _print_standing(settings, "report.processing", content.document, output, lang, form)


@command.command(
    epilog="Exit codes: 0 written; 1 a merged report is not usable; 2 usage; 74 the output could "
    "not be written, and nothing changed; 75 logged, but the file could not get its name; 10-12 "
    "database or key."
)
@paper_options
@click.option("--merge", "merged", type=FILE, multiple=True, metavar="FILE",
              help="Add the report of another database, in JSON. More may follow.")  # fmt: skip
@click.option("--ref-key", type=KEY_FILE, metavar="FILE",
              help="Name people by tags under this key file, the same one for all databases, so "
              "that equal REFs count once.")  # fmt: skip
@click.option(
    "--with-refs", is_flag=True, help="Name people by REF, so that equal REFs count once."
)
@click.argument("more", nargs=-1, type=FILE, metavar="[FILE]...")
@pass_settings
def filing(
    settings: Settings,
    output: Path | None,
    lang: str,
    form: str | None,
    merged: tuple[Path, ...],
    ref_key: Path | None,
    with_refs: bool,
    more: tuple[Path, ...],
) -> None:
    """Write the papers for China's filing duty: people counted once, and the deadline.

    Whoever stores facial data of 100,000 people files within 30 working days (Measures on face
    recognition technology of 2025, 15). People are counted once over all purposes. With --merge,
    those of other databases are added, and the sum is an upper bound. Equal REFs give an estimate.
    For that, both reports need them, as tags (--ref-key) or in clear (--with-refs). The report is
    logged. The table of holidays states its last year.

    \b
    Example:
      facecli report filing --ref-key ref.key --output a.json
      facecli --db b.db report filing --ref-key ref.key --merge a.json --output filing.html
    """
    if more and not merged:
        raise click.UsageError(f"unexpected argument {more[0]}: give reports with --merge")
    if with_refs and ref_key:
        raise click.UsageError("give --with-refs or --ref-key, not both")
    from facecli.keys.sources import read_key_file
    from facecli.report.filing import others, paper

    chosen = _format(form, output)
    key = read_key_file(ref_key).value if ref_key else None
    files = [*merged, *more]
    reported = [others.read(path) for path in files]
    with (
        session(settings, "report.filing") as opened,
        output_of_act(opened.act, output) as (act, stream),
    ):
        here = paper.own(act.db, act.now, with_refs=with_refs, key=key)
        names = [f"the database {settings.db}", *map(str, files)]
        paper.check_once(list(zip(names, [here, *reported], strict=True)))
        document = paper.document(
            act.db, language_of(settings, lang, "facecli.report"), here, reported
        )
        details = {"format": chosen, "people_named": here.refs.kind, "merged": len(reported)}
        act.record("report.filing", details=details)
        stream.write(_render(document, chosen).encode())
    _note_missing(settings, document)


def _print_standing(
    settings: Settings,
    name: str,
    document_of: Callable[[Database, Language, str], Document],
    output: Path | None,
    lang: str,
    form: str | None,
) -> None:
    """Print a paper that is made of the purposes as they stand, and leaves no entry in the log."""
    with session(settings, name) as opened, opened.db.snapshot():
        language = language_of(settings, lang, "facecli.report")
        document = document_of(opened.db, language, opened.now)
    print_text(_render(document, _format(form, output)), output)
    _note_missing(settings, document)


def _refuse_options_before(context: click.Context) -> None:
    """Refuse options of the custody report before the name of another one."""
    given = [
        name
        for name in context.params
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(
            f"options belong after `{context.invoked_subcommand}`, not before it"
        )
