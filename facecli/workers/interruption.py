"""Ctrl-C and SIGTERM, held back while they would garble a message to a worker.

Both raise KeyboardInterrupt wherever the main thread is. If that happens after a part of a message
was written and before this is noted, the part is lost or repeated, and a command that ends can no
longer ask its worker for the results. Blocking the signals does not help: another thread of the
process, such as one of numpy's, receives them, and Python runs the handler all the same.
"""

from __future__ import annotations

import signal
import threading

_holders = 0
_pending = False


def install() -> None:
    """Let Ctrl-C and SIGTERM raise KeyboardInterrupt. Ctrl-C stays ignored if it was (nohup)."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_signal: int, _frame: object) -> None:
    global _pending
    if _holders:
        _pending = True
    else:
        raise KeyboardInterrupt


class Held:
    """Context manager that delays an interruption until it is left."""

    def __enter__(self) -> None:
        global _holders
        if _is_main():
            _holders += 1

    def __exit__(self, *_: object) -> None:
        global _holders, _pending
        if not _is_main():
            return
        _holders -= 1
        if _pending and not _holders:
            _pending = False
            raise KeyboardInterrupt


def _is_main() -> bool:
    """Return True in the main thread, the only one in which signal handlers run."""
    return threading.current_thread() is threading.main_thread()
