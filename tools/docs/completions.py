"""Completions for bash, zsh and fish: static scripts, written from the tree of commands.

With click's own completions, each Tab starts the program. That costs a tenth of a second and more,
runs option callbacks in a half-parsed state, and runs our code with the key's variables in its
environment at every Tab. These scripts contain all that the shell needs: Tab starts no program,
opens no database and asks for no key. In return, REFs and purposes are not completed, and
`make docs` must write the scripts again when commands change. A test fails until it does.

Each script has a dynamic twin, for `facecli completion --dynamic`. Where a purpose or a REF stands,
and only there, it starts facecli to list them (see `facecli.cli.completion_values`).

All three scripts read a line in the same way. The commands found so far are the *path*, each with a
blank before it (` enroll file`). An option with a value takes the next word. Every other word is an
argument with a *place*, 0 for the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from tools.docs.command_tree import Argument, Node, Option, Values

SAFE = re.compile(r"[A-Za-z0-9._:@%+-]+")
HEADER = "# {name} completion for facecli, written by `make docs` from the commands themselves.\n"
STATIC = "# It starts no program: Tab never opens a database and never asks for a key.\n"
DYNAMIC = """\
# Tab opens the database to complete a purpose or a REF, if a key file opens it. It never asks.
"""


def _header(shell: str, dynamic: bool) -> str:
    return HEADER.format(name=shell) + (DYNAMIC if dynamic else STATIC)


def bash(root: Node, dynamic: bool = False) -> str:
    """Return the script for bash 4 and later."""
    return _header("bash", dynamic) + _BASH.format(
        ask=_BASH_ASK if dynamic else ":",
        commands=_lines(_bash_cases(_paths(root))),
        values=_lines(_bash_values(root)),
        names=_lines(
            f"'{_path(node)}:0') names='{_words(child.path[-1] for child in node.children)}' ;;"
            for node in root.walk()
            if node.children
        ),
        options=_lines(
            f"'{_path(node)}') options='{_words(_names(node))}' ;;" for node in root.walk()
        ),
    )


def zsh(root: Node, dynamic: bool = False) -> str:
    """Return the script for zsh, with `_arguments` for each command."""
    functions = "\n".join(_zsh_function(node) for node in root.walk())
    ask = _ZSH_ASK if dynamic else "return 1"
    values = "".join(
        f"\n_facecli__{kind}() {{\n    {ask.replace('KIND', kind)}\n}}\n" for kind in ASKED
    )
    return "#compdef facecli\n" + _header("zsh", dynamic) + values + "\n" + functions + _ZSH_END


def fish(root: Node, dynamic: bool = False) -> str:
    """Return the script for fish 3 and later."""
    return _header("fish", dynamic) + _FISH.format(
        ask=_FISH_ASK if dynamic else "",
        commands=_lines(
            f"case {_fish_words(spellings)}\n                set path '{path}'\n                "
            "set place 0\n                continue"
            for path, spellings in _paths(root)
        ).replace("\n        ", "\n            "),
        valued=" ".join(
            f"'{_path(node)} {name}'"
            for node in root.walk()
            for option in node.options
            if option.values is not None
            for name in option.names
        ),
        rules="\n".join(rule for node in root.walk() for rule in _fish_rules(node)),
    )


SCRIPTS: dict[str, Callable[[Node, bool], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
ASKED = ("purpose", "ref")
"""The kinds of values that are in the database."""


def _path(node: Node) -> str:
    """Return the node's path as in the scripts: a blank before every word."""
    return "".join(f" {word}" for word in node.path)


def _paths(root: Node) -> Iterator[tuple[str, list[str]]]:
    """Yield every path below the root with its spellings: by name and by alias."""
    for node in root.walk():
        if node.path:
            parent = "".join(f" {word}" for word in node.path[:-1])
            names = (node.path[-1], *node.aliases)
            yield _path(node), [f"{parent} {name}" for name in names]


def _names(node: Node) -> Iterator[str]:
    return (name for option in node.options for name in option.names)


def _described(option: Option) -> str:
    """Return the option's help without its default and range."""
    return option.help.split("  [")[0]


def _words(words: Iterable[str]) -> str:
    """Join words for a quoted list. Raises ValueError for a word that needs quotes of its own."""
    found = list(words)
    for word in found:
        if not SAFE.fullmatch(word):
            raise ValueError(f"{word!r} cannot be completed without quoting")
    return " ".join(found)


def _lines(lines: Iterable[str]) -> str:
    return "\n        ".join(lines)


# -- bash ---------------------------------------------------------------------------------

_BASH_ASK = """local one
    while IFS= read -r one; do
        COMPREPLY+=("$(printf '%q' "$one")")
    done < <(facecli completion bash --offer "$1" --prefix "$2" 2>/dev/null </dev/null)"""

_BASH = """
# Offer the purposes or REFs of the database that begin with a word.
_facecli_ask() {{
    {ask}
}}

_facecli_enter() {{
    case $1 in
        {commands}
        *) return 1 ;;
    esac
    place=0
}}

# The values of an option (PATH OPTION) or an argument (PATH :PLACE).
_facecli_values() {{
    case $1 in
        {values}
        *) return 1 ;;
    esac
}}

_facecli() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} path='' place=0 valued='' ended='' kind='' token i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        token=${{COMP_WORDS[i]}}
        if [[ $token == = ]]; then
            continue # bash takes --option=value for three words
        elif [[ $valued ]]; then
            valued=''
        elif [[ ! $ended && $token == -- ]]; then
            ended=1
        elif [[ ! $ended && $token == -?* ]]; then
            _facecli_values "$path $token" && valued="$path $token"
        elif ! _facecli_enter "$path $token"; then
            ((place += 1))
        fi
    done
    [[ $word == = ]] && word=''

    if [[ $valued ]]; then
        _facecli_values "$valued"
    elif [[ ! $ended && $word == -* ]]; then
        _facecli_options
    else
        _facecli_names || _facecli_values "$path :$place"
    fi
    case $kind in
        file) compopt -o default ;;
        directory) compopt -o dirnames ;;
        @*) _facecli_ask "${{kind#@}}" "$word" ;;
        ?*) mapfile -t COMPREPLY < <(compgen -W "$kind" -- "$word") ;;
    esac
}}

_facecli_names() {{
    local names=''
    case $path:$place in
        {names}
        *) return 1 ;;
    esac
    kind=$names
}}

_facecli_options() {{
    local options=''
    case $path in
        {options}
    esac
    kind=$options
}}

complete -F _facecli facecli
"""


def _bash_cases(paths: Iterable[tuple[str, list[str]]]) -> Iterator[str]:
    for path, spellings in paths:
        patterns = " | ".join(f"'{spelling}'" for spelling in spellings)
        yield f"{patterns}) path='{path}' ;;"


def _bash_values(root: Node) -> Iterator[str]:
    """Yield one case for each kind of values, with the options and arguments that take it.

    Patterns for all further arguments come last, after those for the first ones.
    """
    exact: dict[str, list[str]] = {}
    further: dict[str, list[str]] = {}
    for node in root.walk():
        for option in node.options:
            if option.values is not None:
                patterns = exact.setdefault(_bash_kind(option.values), [])
                patterns += [f"'{_path(node)} {name}'" for name in option.names]
        for place, argument in enumerate(node.arguments):
            kind = _bash_kind(argument.values)
            if argument.many:
                further.setdefault(kind, []).append(f"'{_path(node)} :'*")
            else:
                exact.setdefault(kind, []).append(f"'{_path(node)} :{place}'")
    for kind, patterns in [*exact.items(), *further.items()]:
        yield " | \\\n            ".join(patterns) + f")\n            kind='{kind}' ;;"


def _bash_kind(values: Values) -> str:
    """Return the script's name of these values: the words, `file`, `directory`, what to ask the
    database for, or nothing."""
    if values.kind == "words":
        return _words(values.words)
    if values.kind in ASKED:
        return f"@{values.kind}"
    return "" if values.kind == "text" else values.kind


# -- zsh ----------------------------------------------------------------------------------

_ZSH_ASK = """local -a found
    found=(${(f)"$(facecli completion zsh --offer KIND --prefix "$PREFIX" 2>/dev/null </dev/null)"})
    (( $#found )) && compadd -a found"""
_ZSH_END = """
if [[ $funcstack[1] == _facecli ]]; then
    _facecli "$@" # found in fpath, and called for the first Tab
else
    compdef _facecli facecli # read with `source`
fi
"""


def _zsh_function(node: Node) -> str:
    name = "_".join(("_facecli", *node.path)).replace("-", "_")
    specs = [_zsh_option(option) for option in node.options]
    if not node.children:
        specs += [_zsh_argument(argument) for argument in node.arguments]
        body = " \\\n        ".join(["_arguments -s -S", *specs])
        return f"{name}() {{\n    {body}\n}}\n"
    specs += ["'1: :->command'", "'*:: :->rest'"]
    body = " \\\n        ".join(["_arguments -C -s -S", *specs])
    listed = "\n".join(
        f"            {_zsh_quote(child.path[-1] + ':' + child.summary)}" for child in node.children
    )
    called = "\n".join(
        f"                {' | '.join((child.path[-1], *child.aliases))}) "
        f"{name}_{child.path[-1].replace('-', '_')} ;;"
        for child in node.children
    )
    return f"""\
{name}() {{
    local curcontext=$curcontext state line ret=1
    local -a commands
    local -A opt_args
    {body} && ret=0
    case $state in
        command)
            commands=(
{_indent(listed)}
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            case $line[1] in
{called}
            esac && ret=0
            ;;
    esac
    return ret
}}
"""


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _zsh_option(option: Option) -> str:
    described = f"[{_zsh_text(_described(option))}]"
    value = "" if option.values is None else _zsh_value(option.metavar, option.values)
    excluded = "*" if option.multiple else f"({' '.join(option.names)})"
    spelt = [name + _zsh_join(name) if value else name for name in option.names]
    if len(spelt) == 1:
        prefix = "*" if option.multiple else ""
        return _zsh_quote(f"{prefix}{spelt[0]}{described}{value}")
    names = "{" + ",".join(spelt) + "}"
    return f"{_zsh_quote(excluded)}{names}{_zsh_quote(described + value)}"


def _zsh_join(name: str) -> str:
    """Return the mark for `_arguments` that a value may follow the option or be joined to it."""
    return "=" if name.startswith("--") else "+"


def _zsh_argument(argument: Argument) -> str:
    return _zsh_quote(
        ("*" if argument.many else "") + _zsh_value(argument.metavar, argument.values)
    )


def _zsh_value(metavar: str, values: Values) -> str:
    action = {"file": "_files", "directory": "_files -/", "text": " "}.get(values.kind)
    if values.kind in ASKED:
        action = f"_facecli__{values.kind}"
    return f":{_zsh_text(metavar)}:{action or '(' + _words(values.words) + ')'}"


def _zsh_text(text: str) -> str:
    return re.sub(r"([\[\]:\\])", r"\\\1", text)


def _zsh_quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


# -- fish ---------------------------------------------------------------------------------

_FISH_ASK = """
    facecli completion fish --offer $argv[1] --prefix (commandline -ct) 2>/dev/null </dev/null"""

_FISH = """
# Offer the purposes or REFs of the database that begin with the present word.
function __facecli_ask{ask}
end

# Keep the commands that some words begin with, and how many arguments come after these.
function __facecli_read
    set -l valued {valued}
    set -l path ''
    set -l place 0
    set -l taken 0
    set -l ended 0
    for token in $argv[2..]
        if test $taken = 1
            set taken 0
            continue
        end
        if test $ended = 0
            switch $token
                case '--'
                    set ended 1
                    continue
                case '-?*'
                    contains -- "$path $token" $valued; and set taken 1
                    continue
            end
        end
        switch "$path $token"
            {commands}
        end
        set place (math $place + 1)
    end
    set -g __facecli_path $path
    set -g __facecli_place $place
end

# Does the line stand after the commands PATH, where the arguments from FIRST to LAST stand?
# Tab asks this hundreds of times of the same line, which is read once.
function __facecli_at --argument-names wanted first last
    set -l tokens (commandline -opc)
    set -l line (string escape -- $tokens)
    if test "$line" != "$__facecli_line"
        __facecli_read $tokens
        set -g __facecli_line "$line"
    end
    test "$__facecli_path" = "$wanted"; or return 1
    test -z "$first"; or test $__facecli_place -ge $first -a $__facecli_place -le $last
end

complete -c facecli -f
{rules}
"""


def _fish_rules(node: Node) -> Iterator[str]:
    path = _path(node)
    for child in node.children:
        condition = f"\"__facecli_at '{path}' 0 0\""
        described = f"-a {child.path[-1]} -d {_fish_quote(child.summary)}"
        yield f"complete -c facecli -n {condition} {described}"
    for place, argument in enumerate(node.arguments):
        if argument.values.kind != "text":
            last = 9999 if argument.many else place
            condition = f"\"__facecli_at '{path}' {place} {last}\""
            value = _fish_value(argument.values, argument=True)
            yield f"complete -c facecli -n {condition} {value}"
    for option in node.options:
        names = " ".join(
            f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names
        )
        value = "" if option.values is None else f" {_fish_value(option.values)}"
        text = _described(option)
        condition = f"\"__facecli_at '{path}'\""
        yield f"complete -c facecli -n {condition} {names}{value} -d {_fish_quote(text)}"


def _fish_value(values: Values, *, argument: bool = False) -> str:
    """Return fish's flags for these values. An option's value needs -r, an argument forbids it."""
    if values.kind == "file":
        return "-F" if argument else "-r -F"
    if values.kind == "text":
        return "-x"
    words = "(__fish_complete_directories)"
    if values.kind in ASKED:
        words = f"(__facecli_ask {values.kind})"
    if values.kind == "words":
        words = _words(values.words)
    return f"{'' if argument else '-x '}-a '{words}'"


def _fish_words(words: Iterable[str]) -> str:
    return " ".join(f"'{word}'" for word in words)


def _fish_quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
