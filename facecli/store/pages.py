"""The authentication code of single pages, so that a check can stop and go on another night.

`PRAGMA cipher_integrity_check` reads every page at once. This file follows its definition:
SQLCipher 4 ends each page with a random initialisation vector and an HMAC-SHA512 over the encrypted
content, that vector and the page's number (https://www.zetetic.net/sqlcipher/design/).
"""

from __future__ import annotations

import hashlib
import hmac
import os

from facecli.keys.slots import DatabaseKey
from facecli.store.files import PAGE_SIZE

KEY_BYTES, SALT_BYTES, CODE_BYTES = 32, 16, 64
_MASK = 0x3A  # HMAC_SALT_MASK of SQLCipher
_ITERATIONS = 2  # FAST_PBKDF2_ITER of SQLCipher
LOCK_PAGE = 0x40000000 // PAGE_SIZE + 1
"""The page that holds SQLite's locks, and never content."""


class PageCheck:
    """Checks pages of an open file.

    Args:
        file: its descriptor. The caller keeps others from writing meanwhile.
        key: its raw key.
    """

    def __init__(self, file: int, key: DatabaseKey) -> None:
        self._file = file
        secret, salt = key.raw[:KEY_BYTES], bytes(byte ^ _MASK for byte in key.salt)
        derived = hashlib.pbkdf2_hmac("sha512", secret, salt, _ITERATIONS, KEY_BYTES)
        self._keyed = hmac.new(derived, digestmod="sha512")

    def is_authentic(self, number: int) -> bool:
        """Return True if a page is as it was written, in its own place.

        Args:
            number: from 1 on.
        """
        if number == LOCK_PAGE:
            return True
        page = os.pread(self._file, PAGE_SIZE, (number - 1) * PAGE_SIZE)
        code = self._keyed.copy()
        code.update(page[SALT_BYTES if number == 1 else 0 : -CODE_BYTES])
        code.update(number.to_bytes(4, "little"))
        return hmac.compare_digest(code.digest(), page[-CODE_BYTES:])
