"""Sources of a secret: the one that counts, and those that are refused."""

from __future__ import annotations

import io
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from facecli.errors.command_line import OutputFailed, TwoKeySources
from facecli.errors.keys import NoKey, UnsafeKeyFile, UnusableKey
from facecli.errors.store import AlreadyThere
from facecli.keys.slots import Secret
from facecli.keys.sources import KeySource, choose, create_key_file, obtain, read_key_file

NONE: dict[str, str | None] = {
    "key_file": None,
    "passphrase_file": None,
    "passphrase_command": None,
}
OPTIONS = ["--key-file", "--passphrase-file", "--passphrase-command"]
VARIABLES = ["FACECLI_KEY_FILE", "FACECLI_PASSPHRASE_FILE", "FACECLI_PASSPHRASE_COMMAND"]
NAMES = list(NONE)
DB = Path("some.db")


def take(source: KeySource | None, warnings: list[str] | None = None) -> Secret:
    heard = [] if warnings is None else warnings
    return obtain(source, None, DB, heard.append)


def write(path: Path, content: bytes | str, mode: int = 0o600) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return path


# -- which source counts --------------------------------------------------------------------


@pytest.mark.parametrize(("name", "option"), list(zip(NAMES, OPTIONS, strict=True)))
def test_an_option_is_a_source(name: str, option: str) -> None:
    assert choose({**NONE, name: "value"}, {}) == KeySource(option, "value")


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_is_a_source(variable: str) -> None:
    assert choose(NONE, {variable: "value"}) == KeySource(variable, "value")


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize(("name", "option"), list(zip(NAMES, OPTIONS, strict=True)))
def test_the_command_line_comes_before_the_environment(
    name: str, option: str, variable: str
) -> None:
    assert choose({**NONE, name: "a"}, {variable: "b"}) == KeySource(option, "a")


def test_the_environment_comes_before_systemd(tmp_path: Path) -> None:
    write(tmp_path / "facecli.key", "0123456789abcdef")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert choose(NONE, environ) == KeySource("CREDENTIALS_DIRECTORY", f"{tmp_path}/facecli.key")
    assert choose(NONE, {**environ, "FACECLI_KEY_FILE": "k"}) == KeySource("FACECLI_KEY_FILE", "k")
    assert choose({**NONE, "key_file": "k"}, environ) == KeySource("--key-file", "k")


def test_credentials_without_a_key_of_ours_are_no_source(tmp_path: Path) -> None:
    assert choose(NONE, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) is None
    assert choose(NONE, {"CREDENTIALS_DIRECTORY": ""}) is None


def test_nothing_given() -> None:
    assert choose(NONE, {}) is None
    assert choose(NONE, dict.fromkeys(VARIABLES, "")) is None


@pytest.mark.parametrize(("one", "other"), [(0, 1), (0, 2), (1, 2)])
def test_two_sources_at_once_are_a_usage_error(one: int, other: int) -> None:
    with pytest.raises(TwoKeySources) as refused:
        choose({**NONE, NAMES[one]: "SECRET-PATH", NAMES[other]: "b"}, {})
    assert refused.value.exit_code == 2
    assert str(refused.value).count(OPTIONS[one]) == str(refused.value).count(OPTIONS[other]) == 1
    assert "SECRET" not in str(refused.value)
    with pytest.raises(TwoKeySources) as refused:
        choose(NONE, {VARIABLES[one]: "a", VARIABLES[other]: "b"})
    assert VARIABLES[one] in str(refused.value)
    assert VARIABLES[other] in str(refused.value)


def test_two_variables_do_not_matter_when_the_command_line_says_which() -> None:
    environ = dict.fromkeys(VARIABLES, "x")
    assert choose({**NONE, "key_file": "k"}, environ) == KeySource("--key-file", "k")


# -- key files ------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_the_line_end_of_a_key_file_does_not_count(tmp_path: Path, ending: bytes) -> None:
    path = write(tmp_path / "k", b"0123456789abcdef" + ending)
    assert read_key_file(path) == Secret("key-file", b"0123456789abcdef")
    assert take(KeySource("FACECLI_KEY_FILE", str(path))) == read_key_file(path)


def test_a_key_file_may_be_binary(tmp_path: Path) -> None:
    key = bytes(range(255, 200, -1))
    assert read_key_file(write(tmp_path / "k", key)).value == key


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o666])
def test_a_key_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path / "k", "0123456789abcdef", mode)
    with pytest.raises(UnsafeKeyFile, match=rf"mode {mode:04o}.*chmod 600") as refused:
        read_key_file(path)
    assert refused.value.exit_code == 12


def test_systemd_guards_its_credentials_itself(tmp_path: Path) -> None:
    path = write(tmp_path / "facecli.key", "0123456789abcdef", 0o440)
    assert take(KeySource("CREDENTIALS_DIRECTORY", str(path))).value == b"0123456789abcdef"


@pytest.mark.parametrize("content", [b"", b"\n", b"x" * 15, b"x" * 15 + b"\n", b"x" * 65537])
def test_a_key_file_of_a_length_that_cannot_be(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnusableKey, match="are needed") as refused:
        read_key_file(write(tmp_path / "k", content))
    assert refused.value.exit_code == 12
    assert "xxxx" not in str(refused.value)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: None, "no such file"),
        (os.mkdir, "directory|not a regular file"),
        (os.mkfifo, "not a regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "not a regular file"),
        (lambda path: path.symlink_to(path), "symbolic links"),
    ],
    ids=["missing", "directory", "pipe", "device", "loop"],
)
def test_what_is_no_key_file(tmp_path: Path, make: Callable[[Path], None], why: str) -> None:
    make(tmp_path / "k")
    with pytest.raises(UnusableKey, match=why) as refused:
        read_key_file(tmp_path / "k")
    assert refused.value.exit_code == 12


def test_a_new_key_file_is_random_and_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create_key_file(tmp_path / "a")
        create_key_file(tmp_path / "b")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    assert len(read_key_file(tmp_path / "a").value) == 64
    assert read_key_file(tmp_path / "a") != read_key_file(tmp_path / "b")


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = write(tmp_path / "k", "precious")
    with pytest.raises(AlreadyThere):
        create_key_file(path)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AlreadyThere):
        create_key_file(tmp_path / "link")
    assert path.read_text() == "precious"
    assert not (tmp_path / "elsewhere").exists()


def test_a_key_file_that_cannot_be_completed_does_not_appear(tmp_path: Path) -> None:
    """Half a key file would be refused by whoever runs the same command again."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (7, before[1]))
    try:
        with pytest.raises(OutputFailed, match="too large"):
            create_key_file(tmp_path / "k")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
    create_key_file(tmp_path / "k")


def test_a_key_file_where_no_folder_is(tmp_path: Path) -> None:
    with pytest.raises(UnusableKey, match="cannot be created"):
        create_key_file(tmp_path / "none" / "k")


# -- passphrase files -----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["open sesame", "open sesame\n", "open sesame\r\nmore\n"])
@pytest.mark.parametrize("option", ["--passphrase-file", "FACECLI_PASSPHRASE_FILE"])
def test_the_first_line_is_the_passphrase(tmp_path: Path, text: str, option: str) -> None:
    path = write(tmp_path / "p", text)
    assert take(KeySource(option, str(path))) == Secret("passphrase", b"open sesame")


def test_blanks_and_other_scripts_belong_to_the_passphrase(tmp_path: Path) -> None:
    path = write(tmp_path / "p", " 芝麻 開門 \n")
    assert take(KeySource("--passphrase-file", str(path))).value == " 芝麻 開門 ".encode()


def test_a_dash_is_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("open sesame\nmore\n"))
    assert take(KeySource("--passphrase-file", "-")) == Secret("passphrase", b"open sesame")


@pytest.mark.parametrize("stdin", [None, io.StringIO(""), io.StringIO("\n")])
def test_stdin_without_a_passphrase(
    monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO | None
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(UnusableKey):
        take(KeySource("--passphrase-file", "-"))


def test_a_readable_passphrase_file_is_warned_of(tmp_path: Path) -> None:
    heard: list[str] = []
    path = write(tmp_path / "p", "open sesame\n", 0o644)
    assert take(KeySource("--passphrase-file", str(path)), heard).value == b"open sesame"
    assert len(heard) == 1
    assert str(path) in heard[0]
    assert "sesame" not in heard[0]
    path.chmod(0o600)
    take(KeySource("--passphrase-file", str(path)), heard)
    assert len(heard) == 1


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe\n", b"x" * 70_000])
def test_a_file_that_holds_no_passphrase(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path / "p", content)
    with pytest.raises(UnusableKey) as refused:
        take(KeySource("--passphrase-file", str(path)))
    assert refused.value.exit_code == 12
    assert "xxxx" not in str(refused.value)


def test_a_passphrase_that_arrives_as_surrogates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("sec\udcffret\n"))
    with pytest.raises(UnusableKey, match="not UTF-8") as refused:
        take(KeySource("--passphrase-file", "-"))
    assert "ret" not in str(refused.value).replace("secret", "")


@pytest.mark.parametrize("path", ["none", "."])
def test_a_passphrase_file_that_cannot_be_read(tmp_path: Path, path: str) -> None:
    with pytest.raises(UnusableKey):
        take(KeySource("--passphrase-file", str(tmp_path / path)))


# -- asking ---------------------------------------------------------------------------------


def test_without_a_source_the_person_is_asked() -> None:
    secret = obtain(None, lambda: "open sesame", DB, print)
    assert secret == Secret("passphrase", b"open sesame")


def test_nobody_is_asked_when_there_is_a_source(tmp_path: Path) -> None:
    def never() -> str:
        raise AssertionError("asked")

    path = write(tmp_path / "k", "0123456789abcdef")
    assert obtain(KeySource("--key-file", str(path)), never, DB, print).kind == "key-file"


def test_an_empty_answer_is_no_passphrase() -> None:
    with pytest.raises(UnusableKey, match="empty"):
        obtain(None, lambda: "", DB, print)


def test_nobody_to_ask() -> None:
    with pytest.raises(NoKey, match="--key-file") as refused:
        obtain(None, None, DB, print)
    assert refused.value.exit_code == 12
