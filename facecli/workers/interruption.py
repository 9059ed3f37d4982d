"""Ctrl-C and SIGTERM, held back for the moments in which they would garble something.

Both raise KeyboardInterrupt wherever the main thread is. Between writing a part of a message to a
worker and noting that it was written that would lose or repeat the part, and a command that ends
has still to ask its worker for what was found. Blocking the signals would not do: another thread
of the process, such as one of numpy's, takes them, and Python runs the handler all the same.
"""

from __future__ import annotations

import signal
import threading

_holders = 0
_pending = False


def install() -> None:
    """Let Ctrl-C and SIGTERM interrupt. Ctrl-C stays ignored where it was (as after nohup)."""
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
    """While this is entered no interruption is raised; on leaving, one that came meanwhile is."""

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
    """Handlers run in the main thread alone."""
    return threading.current_thread() is threading.main_thread()
