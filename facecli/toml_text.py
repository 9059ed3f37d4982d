"""Files in TOML, whatever stands in them."""

from __future__ import annotations

from typing import Any

from facecli.printable import printable


def parse(content: bytes) -> dict[str, Any]:
    """Return the table of a file in TOML, which may begin with a byte order mark.

    Raises:
        ValueError: it is no TOML; the message says why.
    """
    import tomllib

    try:
        table = tomllib.loads(content.decode("utf-8-sig"))
        repr(table)  # a message may quote any of it: dotted keys nest, and hex digits have no limit
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"it is not TOML ({printable(str(error))})") from None
    except ValueError:  # Python's limit of digits
        raise ValueError("a number in it is too long") from None
    return table
