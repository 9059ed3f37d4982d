"""Runs facecli as on a kernel that has fewer layers: `python -m … LAYERS WORDS…`."""

from __future__ import annotations

import sys

from facecli.cli.main import run
from tests.workers.attacks import give_up

if __name__ == "__main__":
    layers, *words = sys.argv[1:]
    give_up(layers)
    sys.argv[1:] = words
    run()
