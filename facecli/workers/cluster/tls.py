"""Dask's settings of encryption, for the client and for a worker."""

from __future__ import annotations

from typing import Any, Literal

from facecli.workers.cluster.access import Access


def security(way: Access, role: Literal["client", "worker"]) -> Any:
    """Return Dask's `Security` with the certificates read: a sealed process opens no file.

    Raises:
        OSError: a certificate cannot be read. `ssl.SSLError`, which is one, if it is not usable.
    """
    from distributed.security import Security

    files = way.certificates
    stated: dict[str, Any] = {"require_encryption": files is not None}
    if files is not None:
        stated["tls_ca_file"] = files.ca
        stated[f"tls_{role}_cert"] = files.cert
        stated[f"tls_{role}_key"] = files.key
    plain = Security(**stated)
    connecting, listening = plain.get_connection_args(role), plain.get_listen_args(role)

    class Read(Security):  # type: ignore[misc]
        """Settings of which the files have been read."""

        def get_connection_args(self, role: str) -> dict[str, Any]:
            """Return what was read."""
            return dict(connecting)

        def get_listen_args(self, role: str) -> dict[str, Any]:
            """Return what was read."""
            return dict(listening)

    return Read(**stated)
