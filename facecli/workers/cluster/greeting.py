"""A connection on which a scheduler only greets, to find out why this side may not use it.

Dask itself tries again for a minute, and reports a refused certificate as any other end.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Literal

from facecli.workers.cluster.access import Access
from facecli.workers.cluster.lots import Trouble


async def greeted(way: Access, context: ssl.SSLContext | None, seconds: float) -> Trouble | None:
    """Return the reason why a scheduler cannot be used, or None if it greets.

    Args:
        context: the certificates of this side; None without TLS.
        seconds: the longest wait for the greeting.
    """
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(way.host, way.port, ssl=context)
            try:
                greeting = await reader.read(1)
            finally:
                writer.transport.abort()
    except TimeoutError:
        return Trouble("late")
    except ssl.SSLCertVerificationError:
        return Trouble("certificate")
    except ssl.SSLError as error:
        return Trouble(_kind_of(error))
    except OSError:
        return Trouble("absent")
    return None if greeting else Trouble("not-dask")


def _kind_of(error: ssl.SSLError) -> Literal["certificate", "plain"]:
    """Return the kind of trouble: an alert names a certificate, other errors show no TLS."""
    return "certificate" if "ALERT" in (error.reason or "") else "plain"
