"""Errors of libraries that mean that no memory was left."""

from __future__ import annotations

import errno

from facecli.errors.base import FacecliError

RAISE_LIMIT = (
    "Raise the limit (`ulimit -v unlimited`; LimitAS= of a systemd unit), or use a machine with "
    "more memory."
)
"""The remedy for too little memory."""
# As the dynamic loader, libstdc++, ONNX Runtime, OpenCV and numpy put it, in small letters.
_RAN_OUT = (
    "bad_alloc",
    "failed to map segment",
    "cannot allocate",
    "failed to allocate",
    "unable to allocate",
    "out of memory",
)


def ran_out(error: BaseException | None) -> bool:
    """Return True if this error, or one from which it arose, means that no memory was left.

    Libraries raise such errors as many types, so their words decide. The words of errors that can
    quote a path do not count.
    """
    while error is not None:
        if isinstance(error, MemoryError):
            return True
        if isinstance(error, OSError):
            if error.errno == errno.ENOMEM:
                return True
        elif not isinstance(error, FacecliError):
            words = str(error).lower()
            if any(one in words for one in _RAN_OUT):
                return True
        error = error.__cause__ or error.__context__
    return False
