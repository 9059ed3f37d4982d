"""Workers that are started once for all tests here."""

from tests.commands.conftest import _keeper, kept_workers

__all__ = ["_keeper", "kept_workers"]
