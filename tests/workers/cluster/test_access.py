"""The way to a scheduler: addresses, encryption and certificates."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from facecli.errors.command_line import BadText
from facecli.errors.workers import ClusterFailed, NotEncrypted
from facecli.workers.cluster.access import Access, access, check_files, is_loopback
from tests.workers.cluster.certificates import Authority

PEM = ("/pki/ca.pem", "/pki/cert.pem", "/pki/key.pem")


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("tls://scheduler.example:8786", "scheduler.example", 8786),
        ("tls://10.0.0.7:1", "10.0.0.7", 1),
        ("tls://[2001:db8::7]:65535", "2001:db8::7", 65535),
    ],
)
def test_an_address_over_tls(address: str, host: str, port: int) -> None:
    way = access(address, *PEM)
    assert (way.host, way.port, way.files) == (host, port, PEM)
    assert way.address == address


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "[::1]", "localhost"])
def test_this_machine_needs_no_tls(host: str) -> None:
    way = access(f"tcp://{host}:8786", None, None, None)
    assert way.certificates is None
    assert way.address == f"tcp://{host}:8786"


@pytest.mark.parametrize("host", ["10.0.0.7", "scheduler", "[2001:db8::7]", "localhost.example"])
def test_another_machine_without_tls_is_refused_with_the_remedy(host: str) -> None:
    with pytest.raises(NotEncrypted, match="unencrypted") as raised:
        access(f"tcp://{host}:8786", *PEM)
    assert "--cluster-ca" in raised.value.hint


@pytest.mark.parametrize(
    "address",
    ["", "scheduler:8786", "http://a:1", "tls://a", "tls://a:0", "tls://a:65536", "tls://a:1/x",
     "tls://a b:1", "tls://a:1\n", "tls://u@a:1", "tls://a:0x10"],
)  # fmt: skip
def test_another_text_is_no_address(address: str) -> None:
    with pytest.raises(BadText, match="tls://HOST:PORT"):
        access(address, *PEM)


@pytest.mark.parametrize("missing", range(3))
def test_tls_needs_all_three_files(missing: int) -> None:
    pem = [None if at == missing else path for at, path in enumerate(PEM)]
    with pytest.raises(BadText, match="--cluster-ca"):
        access("tls://a:1", *pem)


def test_a_number_takes_the_place_of_the_host() -> None:
    assert access("tls://name:7", *PEM).at("[::1]").address == "tls://[::1]:7"


@pytest.mark.parametrize(
    ("number", "own"), [("127.0.0.1", True), ("::1", True), ("8.8.8.8", False)]
)
def test_loopback(number: str, own: bool) -> None:
    assert is_loopback(number) == own


@pytest.fixture
def way(tmp_path: Path) -> Access:
    """A way whose files are there and fit, and the key its owner's alone."""
    pem = Authority(tmp_path).sign("side")
    return access("tls://a:1", str(pem.ca), str(pem.cert), str(pem.key))


def test_sound_files_are_taken(way: Access) -> None:
    check_files(way)
    Path(way.files[2]).chmod(0o640)  # a group of its own, as in Kubernetes
    check_files(way)


def test_a_key_that_everybody_can_read_is_refused(way: Access) -> None:
    Path(way.files[2]).chmod(0o604)
    with pytest.raises(ClusterFailed, match="everybody can read its key") as raised:
        check_files(way)
    assert "chmod 600" in raised.value.hint


@pytest.mark.parametrize("at", range(3))
def test_a_missing_file_is_named(way: Access, at: int) -> None:
    Path(way.files[at]).unlink()
    with pytest.raises(ClusterFailed, match="no such file"):
        check_files(way)


def test_a_folder_is_no_certificate(way: Access) -> None:
    Path(way.files[0]).unlink()
    Path(way.files[0]).mkdir()
    with pytest.raises(ClusterFailed, match="cannot be read"):
        check_files(way)


def test_what_is_no_authority_is_named(way: Access) -> None:
    Path(way.files[0]).write_bytes(Path(way.files[2]).read_bytes())
    with pytest.raises(ClusterFailed, match=r"ca\.pem is no certificate in PEM"):
        check_files(way)


@pytest.mark.parametrize("other", ["of another", "encrypted", "a certificate", "empty", "DER"])
def test_a_key_that_does_not_fit_is_named(way: Access, tmp_path: Path, other: str) -> None:
    pem = Authority(tmp_path / "other").sign("side")
    key = serialization.load_pem_private_key(pem.key.read_bytes(), None)
    locked = serialization.BestAvailableEncryption(b"passphrase")
    form = (serialization.PrivateFormat.PKCS8, locked)
    content = {
        "of another": pem.key.read_bytes(),
        "encrypted": key.private_bytes(serialization.Encoding.PEM, *form),
        "a certificate": Path(way.files[1]).read_bytes(),
        "empty": b"",
        "DER": key.private_bytes(serialization.Encoding.DER, *form),
    }[other]
    Path(way.files[2]).write_bytes(content)
    with pytest.raises(ClusterFailed, match=r"side\.key is not the private key") as raised:
        check_files(way)
    assert "without a passphrase" in raised.value.hint
