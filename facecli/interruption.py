"""Ctrl-C and SIGTERM, held back while they would garble a message or leave a process behind.

Both raise KeyboardInterrupt wherever the main thread is. If that happens after a part of a message
was written and before this is noted, the part is lost or repeated, and a command that ends can no
longer ask its worker for the results. Blocking the signals does not help: another thread of the
process, such as one of numpy's, receives them, and Python runs the handler all the same.

Python prints and drops what is raised in a finalizer. An interruption that comes in one is raised
again as soon as the finalizer has returned.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

AGAIN = 0.001  # seconds from an interruption that Python dropped until it is raised again

_holders = 0
_pending = False
_other_dropped: Callable[[sys.UnraisableHookArgs], object] = sys.__unraisablehook__


def install() -> None:
    """Let Ctrl-C and SIGTERM raise KeyboardInterrupt. Ctrl-C stays ignored if it was (nohup)."""
    global _other_dropped
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGALRM, _interrupt)
    if sys.unraisablehook is not _dropped:
        _other_dropped, sys.unraisablehook = sys.unraisablehook, _dropped


def _dropped(what: sys.UnraisableHookArgs) -> None:
    """Raise an interruption again that Python has dropped, and print any other exception.

    While the process ends there is nothing left to interrupt, and its exit code stays.
    """
    if not issubclass(what.exc_type, KeyboardInterrupt):
        _other_dropped(what)
    elif threading.main_thread().is_alive():  # not so once it has returned
        signal.setitimer(signal.ITIMER_REAL, AGAIN)


def _interrupt(_signal: int, _frame: object) -> None:
    global _pending
    if _holders:
        _pending = True
    else:
        _raise()


def _raise() -> NoReturn:
    signal.setitimer(signal.ITIMER_REAL, 0)  # one that was dropped is not raised once more
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
            _raise()


def _is_main() -> bool:
    """Return True in the main thread, the only one in which signal handlers run."""
    return threading.current_thread() is threading.main_thread()
