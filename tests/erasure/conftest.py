"""The world of the consent tests, for tests of erasure."""

from tests.consent.conftest import gate, world

__all__ = ["gate", "world"]
