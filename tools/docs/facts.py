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
     "A command, run by the shell, whose first line of output is the passphrase. It may ask on the "
     "terminal, and has 60 seconds."),
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
    ("/var/lib/facecli/facecli.db",
     "The database of a whole machine, as `init --system` makes it, for the user facecli."),
    ("/etc/facecli/facecli.key",
     "Its key file, which the example timers and cron lines expect."),
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

PURPOSE_FIELDS = (
    ("title", "What the purpose is, in a few words."),
    ("method", "What is compared. A text that begins with `face`: only then may faces be enrolled "
     "and matched for the purpose."),
    ("scope", "Where, when and for whom."),
    ("data", "A list of text: each kind of data that is kept."),
    ("necessity", "Why it cannot be done without the face."),
    ("impact", "What it means for people, and what happens when the answer is wrong."),
    ("legal_basis", "Such as `consent`."),
    ("alternative", "How to get the same without one's face."),
    ("impact_assessment", "The number or place of the assessment that was made before."),
    ("rights", "How to see, correct, withdraw and erase, and how soon one is answered."),
    ("notice", "A file of text, its path relative to the purpose file: what people are shown."),
    ("max_consent", "A length: how long a consent may last at most; longer than nothing."),
    ("retain_template", "A length: how long a template is kept at most. When the consent ends, it "
     "is due at once."),
    ("retain_photo", "A length: how long a kept photograph stays; `0d` if none is to be kept."),
    ("retain_match", "A length: how long a match, who, when and how near, is kept."),
    ("inactive_after", "A length: who was not seen for so long is due, with all that is held."),
    ("threshold_fmr", "A number between 0 and 1: the false-match rate of one comparison, from "
     "which the threshold follows. It must lie in what was measured for the engine."),
)  # fmt: skip
"""Field of a purpose file, what it means."""
