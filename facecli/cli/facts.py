"""What holds for every command and is written by hand, once: man pages and README take it.

Exit codes and errors are not here: they stand with the errors themselves.
"""

from __future__ import annotations

REVISED = "2026-11-23"
"""The day of the man pages, moved by hand when they were read through for a release."""

KEY_SOURCES = (
    ("--key-file FILE", "FACECLI_KEY_FILE",
     "A file that holds a random key. Refused if group or others can read it."),
    ("--passphrase-file FILE", "FACECLI_PASSPHRASE_FILE",
     "A file whose first line is the passphrase; `-` is stdin."),
    ("--passphrase-command CMD", "FACECLI_PASSPHRASE_COMMAND",
     "A command, run by the shell, whose first line of output is the passphrase."),
    ("", "CREDENTIALS_DIRECTORY",
     "Set by systemd for `LoadCredential=facecli.key:PATH`: the file `facecli.key` there."),
)  # fmt: skip
"""Option, variable, what it is; a source counts before those that follow."""

KEY_RULE = (
    "The command line counts before the environment, the environment before systemd's "
    "credentials. Two sources in the same place are an error. With none of them a passphrase is "
    "asked for on the terminal; without a terminal, or with --no-input, the command ends with "
    "exit code 12. No secret is ever taken as an argument, shown, or logged."
)

ENVIRONMENT = (
    ("FACECLI_DB", "The database, as with --db."),
    *((variable, f"{option.split()[0]}: {text}" if option else text)
      for option, variable, text in KEY_SOURCES),
    ("FACECLI_LOCK_WAIT", "Seconds to wait for another writer, as with --lock-wait."),
    ("FACECLI_DEBUG", "Set to 1, an unexpected fault shows where in the code it happened."),
    ("FACECLI_CAMERA_URL", "A camera's URL, where its password shall not be an argument."),
    ("FACECLI_DEBUG_WORKERS", "Set to 1, the processes that decode images may write to stderr."),
    ("XDG_DATA_HOME", "Where the default database is; `~/.local/share` if unset."),
    ("XDG_CACHE_HOME", "Where prepared networks are kept; `~/.cache` if unset."),
)  # fmt: skip
"""Variable, what it does."""

FILES = (
    ("$XDG_DATA_HOME/facecli/facecli.db",
     "The database, unless --db names another: one file, encrypted, mode 0600. The folder must "
     "not be writable by others."),
    ("facecli.db.keys",
     "The key slots, beside the database: the database's key, wrapped. Without this file the "
     "database cannot be opened; back it up with the database."),
    ("facecli.db-journal",
     "The rollback journal, beside the database while something is written; encrypted."),
    ("facecli.key",
     "A key file, wherever you keep it, mode 0600. Never keep it, or its backup, beside the "
     "database."),
    ("$XDG_CACHE_HOME/facecli/",
     "Networks prepared from the weights that ship; no personal data. It may be deleted."),
)  # fmt: skip
"""Path, what it is."""
