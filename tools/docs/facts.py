"""Facts for the man pages that no command states: key sources, variables, files, purpose fields.

Exit codes and errors are in `facecli/errors/`.
"""

from __future__ import annotations

REVISED = "2026-11-29"
"""The date of the man pages: the day on which they were last read for a release."""

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
"""Option, variable, meaning. A source counts before those that follow."""

KEY_RULE = (
    "The command line counts before the environment, the environment before systemd's "
    "credentials. Two sources in the same place are an error. Without a source facecli asks for a "
    "passphrase on the terminal; without a terminal, or with --no-input, the command ends with "
    "exit code 12. No secret is ever taken as an argument, shown, or logged."
)

ENVIRONMENT = (
    ("FACECLI_DB", "The database, as with --db."),
    *((variable, f"{option.split()[0]}: {text}" if option else text)
      for option, variable, text in KEY_SOURCES),
    ("FACECLI_CONFIG", "The configuration, as with --config."),
    ("FACECLI_LOCK_WAIT", "Seconds to wait for another writer, as with --lock-wait."),
    ("FACECLI_DEBUG", "If 1, an unexpected fault shows the place in the code."),
    ("FACECLI_CLUSTER_CA", "The certificate of a cluster's authority (see facecli-cluster(7))."),
    ("FACECLI_CLUSTER_CERT", "The certificate of this side in a cluster."),
    ("FACECLI_CLUSTER_KEY", "The private key of that certificate."),
    ("FACECLI_CAMERA_URL", "The URL of a camera, to keep its password out of arguments."),
    ("FACECLI_DEBUG_WORKERS", "If 1, the processes that decode images may write to stderr."),
    ("FACECLI_HOOK", "Set for a hook: `on_failure` or `on_success`. Where it is set, facecli runs "
     "no hooks."),
    ("FACECLI_COMMAND", "Set for a hook: the words of the command."),
    ("FACECLI_EXIT_CODE", "Set for a hook: the exit code of the command."),
    ("FACECLI_REASON", "Set for a hook: the reason code of the error, or empty."),
    ("FACECLI_SUMMARY", "Set for a hook: one sentence about the end of the command."),
    ("XDG_CONFIG_HOME", "Where the user's configuration is; `~/.config` if unset."),
    ("XDG_DATA_HOME", "Where the default database is; `~/.local/share` if unset."),
    ("XDG_CACHE_HOME", "Where prepared networks are kept; `~/.cache` if unset."),
)  # fmt: skip
"""Variable, effect."""

FILES = (
    ("$XDG_DATA_HOME/facecli/facecli.db",
     "The database, unless --db names another: one file, encrypted, mode 0600. The folder must "
     "not be writable by others."),
    ("/var/lib/facecli/facecli.db",
     "The database of a whole machine, as `init --system` makes it, for the user facecli."),
    ("$XDG_CONFIG_HOME/facecli/config.toml, /etc/facecli/config.toml",
     "The configuration of a user, and of a machine. Others must not be able to write it."),
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
"""Path, meaning."""

PURPOSE_FIELDS = (
    ("title", "What the purpose is, in a few words."),
    ("method", "What is compared: `face`, `fingerprint`, `iris`, `palm`, `voice`, `card`, `pin` or "
     "`staff`. Faces are enrolled and matched only for `face`."),
    ("scope", "The places, the times and the people."),
    ("data", "A list of texts: each kind of data that is kept."),
    ("necessity", "Why it cannot be done without the face."),
    ("impact", "What it means for people, and what happens when the answer is wrong."),
    ("legal_basis", "Such as `consent`."),
    ("alternative", "How to get the same without the face. A word for nothing (`none`, `n/a`, `-`) "
     "is refused."),
    ("impact_assessment", "The number or place of the impact assessment."),
    ("rights", "How people see, correct, withdraw and erase their data, and how soon they get an "
     "answer."),
    ("notice", "A text file, its path relative to the purpose file: the notice that people are "
     "shown."),
    ("max_consent", "A length: how long a consent may last at most; longer than nothing, "
     "and `10y` at most."),
    ("retain_template", "A length: how long a template is kept at most. When the consent ends, it "
     "is due at once."),
    ("retain_photo", "A length: how long a kept photograph stays; `0d` if none is to be kept."),
    ("retain_match", "A length: how long a match (who, when, how near) is kept."),
    ("inactive_after", "A length: subjects without an interaction for that time are due, with all "
     "their data."),
    ("threshold_fmr", "A number above 0 and up to 0.1: the false-match rate of one comparison, "
     "from which the threshold follows. It must be within the engine's calibration."),
)  # fmt: skip
"""Field of a purpose file, meaning."""
