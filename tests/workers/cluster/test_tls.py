"""Dask's settings of encryption, with the files read beforehand."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Literal

import pytest

from facecli.workers.cluster.access import access
from facecli.workers.cluster.tls import security
from tests.workers.cluster.certificates import Authority


@pytest.mark.parametrize("role", ["client", "worker"])
def test_no_file_is_needed_afterwards(tmp_path: Path, role: Literal["client", "worker"]) -> None:
    pem = Authority(tmp_path).sign("side")
    made = security(access("tls://a:1", str(pem.ca), str(pem.cert), str(pem.key)), role)
    for path in tmp_path.iterdir():
        path.unlink()
    for arguments in (made.get_connection_args(role), made.get_listen_args(role)):
        assert arguments["require_encryption"] is True
        context = arguments["ssl_context"]
        assert context.verify_mode is ssl.CERT_REQUIRED  # both sides show a certificate
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_without_certificates_there_is_no_tls() -> None:
    made = security(access("tcp://127.0.0.1:1", None, None, None), "client")
    assert made.get_connection_args("client")["ssl_context"] is None


def test_what_is_no_certificate_is_refused(tmp_path: Path) -> None:
    pem = Authority(tmp_path).sign("side")
    pem.cert.write_text("nothing of that kind")
    with pytest.raises(ssl.SSLError):
        security(access("tls://a:1", str(pem.ca), str(pem.cert), str(pem.key)), "client")
