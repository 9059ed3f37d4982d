"""The script of a hook, by a table of golden cases."""

from __future__ import annotations

import pytest

from facecli.report.checks.hook_scripts import script_of


@pytest.mark.parametrize(
    ("words", "script"),
    [
        ("/usr/local/bin/tell /etc/motd", None),
        ("/bin/sh /opt/tell", "/opt/tell"),
        ("/bin/sh tell", "tell"),
        ("/bin/sh", None),
        ("/bin/bash -eu /opt/tell /etc/motd", "/opt/tell"),
        ("/bin/bash -o pipefail /opt/tell", "/opt/tell"),
        ("/bin/sh -c /opt/tell", None),
        ("/bin/bash -euc /opt/tell", None),
        ("/bin/bash --norc /opt/tell", "/opt/tell"),
        ("/usr/bin/python3.11 -I /opt/tell.py", "/opt/tell.py"),
        ("/usr/bin/python3 -m json.tool /etc/motd", None),
        ("/usr/bin/perl -e 1 /etc/motd", None),
        ("/usr/bin/perl -w /opt/tell", "/opt/tell"),
        ("/usr/bin/env -i LANG=C python3 /opt/tell.py", "/opt/tell.py"),
        ("/usr/bin/env LANG=C", None),
        ("/usr/bin/env /opt/tell", None),
    ],
)
def test_the_script_that_a_program_interprets(words: str, script: str | None) -> None:
    assert script_of(words.split()) == script
