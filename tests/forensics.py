"""What somebody with the key finds in the file: every page decrypted, free ones included.

Written from SQLCipher's documented design (AES-256-CBC, per page a random IV and an HMAC-SHA512 in
a reserve of 80 bytes, the salt in place of the first 16 bytes of page 1), with no help from
SQLCipher itself, so that what the library hides is seen.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from facecli.keys import slots, sources

PAGE, RESERVE, SALT, IV = 16384, 80, 16, 16
JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")


def database_key(db: Path, key_file: Path) -> slots.DatabaseKey:
    """The database key that a key file opens."""
    return slots.read(db).unlock(sources.read_key_file(key_file), db).database_keys[-1]


def plaintext(db: Path, key: slots.DatabaseKey) -> bytes:
    """The decrypted content of every page of the file and of its journal, if there is one."""
    content = db.read_bytes()
    assert len(content) % PAGE == 0
    pages = [content[at : at + PAGE] for at in range(0, len(content), PAGE)]
    first = _decrypt(pages[0][SALT:], key)
    assert first[:2] == PAGE.to_bytes(2, "big"), "the first page does not decrypt"
    return b"".join([first, *(_decrypt(page, key) for page in pages[1:]), *journalled(db, key)])


def journalled(db: Path, key: slots.DatabaseKey) -> list[bytes]:
    """The decrypted pages in the rollback journal (sqlite.org/fileformat.html, section 3)."""
    journal = db.with_name(db.name + "-journal")
    content = journal.read_bytes() if journal.exists() else b""
    pages = []
    at = 0
    while at < len(content):
        if content[at : at + 8] == JOURNAL_MAGIC:
            at += int.from_bytes(content[at + 20 : at + 24], "big")  # a header fills a sector
            continue
        number = int.from_bytes(content[at : at + 4], "big")
        page = content[at + 4 : at + 4 + PAGE]
        if len(page) < PAGE:
            break
        pages.append(_decrypt(page[SALT:] if number == 1 else page, key))
        at += 4 + PAGE + 4
    return pages


def _decrypt(page: bytes, key: slots.DatabaseKey) -> bytes:
    body, iv = page[:-RESERVE], page[-RESERVE : -RESERVE + IV]
    decryptor = Cipher(algorithms.AES(key.raw[:32]), modes.CBC(iv)).decryptor()
    return decryptor.update(body) + decryptor.finalize()
