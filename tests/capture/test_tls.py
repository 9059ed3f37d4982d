"""A camera behind TLS is reached if its certificate is trusted, and otherwise hears nothing."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from facecli.capture import sources, tls
from facecli.capture.frames import FrameLimits, open_frames
from facecli.capture.sources import Source
from facecli.capture.tls import SecureCamera, read_certificates
from facecli.capture.tls_worker import Camera, Trouble, led_within
from facecli.errors.capture import NoCamera, StreamLost
from facecli.errors.command_line import BadInput
from facecli.workers.confinement import landlock, seccomp
from facecli.workers.confinement.gate import MOST_CONNECTIONS, resolve
from tests.capture.conftest import StartRtsp
from tests.capture.mjpeg_server import MjpegCamera, mjpeg_camera, number_of
from tests.capture.tls_server import Answer, echo_over, forwarding, serving, shown
from tests.workers.cluster.certificates import Authority, Pem
from tests.workers.processes import children_from_now_on

QUICK = FrameLimits(open=8, read=4, patience=0)
HELLO = b"is anybody there?"
NUMBER = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
OTHER = x509.DNSName("other.example")
pytestmark = pytest.mark.skipif(
    not (landlock.version() >= 6 and seccomp.is_known()), reason="this kernel confines less"
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def pem(authority: Authority) -> Pem:
    """The certificate of a camera at 127.0.0.1."""
    return authority.sign("camera", names=[NUMBER])


def at(port: int, ca: Path | None, host: str = "127.0.0.1") -> Source:
    """The camera behind TLS at a port."""
    found = sources.url(f"https://{host}:{port}/live")
    return replace(found, ca=None if ca is None else read_certificates(ca))


@contextmanager
def carried(source: Source, seconds: float = 8) -> Iterator[SecureCamera]:
    """A process that carries for a camera."""
    peer = resolve(*source.endpoint, 5)
    assert peer is not None
    with SecureCamera(source, peer, seconds) as camera:
        assert camera.wait() is True
        yield camera


def echoed(camera: SecureCamera) -> bytes:
    """What comes back of a greeting; nothing if the connection is closed."""
    with camera.connect(8) as plain:
        plain.settimeout(20)
        try:
            plain.sendall(HELLO)
            return plain.recv(100)
        except ConnectionError:
            return b""


def outcome(answer: Answer, ca: Path | None, host: str = "127.0.0.1", seconds: float = 8) -> str:
    """ "trusted", or why a camera that answers so is not."""
    listen = "::1" if host == "[::1]" else "127.0.0.1"
    with serving(answer, listen) as port, carried(at(port, ca, host), seconds) as camera:
        return "trusted" if echoed(camera) == HELLO else camera.trouble


def test_a_certificate_of_the_named_authority_is_trusted(authority: Authority, pem: Pem) -> None:
    answer = echo_over(shown(pem))
    assert outcome(answer, authority.ca) == "trusted"
    named = authority.sign("named", names=[x509.DNSName("localhost")])
    assert outcome(echo_over(shown(named)), authority.ca, "localhost") == "trusted"


def test_without_its_authority_it_is_refused(pem: Pem, tmp_path: Path) -> None:
    answer = echo_over(shown(pem))
    assert "with --camera-ca" in outcome(answer, None)
    other = Authority(tmp_path / "other")
    assert "no certificate in the file of --camera-ca" in outcome(answer, other.ca)


def test_the_system_s_authorities_are_those_that_are_named(
    authority: Authority, pem: Pem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = echo_over(shown(pem))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    assert outcome(answer, None) == "trusted"
    (tmp_path / "damaged.pem").write_text(authority.ca.read_text().replace("M", "N"))
    for absent in ("damaged.pem", "absent.pem"):  # no others take their place
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / absent))
        assert "does not know who signed" in outcome(answer, None)


def test_a_certificate_that_is_named_itself_counts_for_any_name(
    authority: Authority, pem: Pem
) -> None:
    own = authority.sign("own", itself=True, names=[OTHER])
    answer = echo_over(shown(own))
    assert outcome(answer, own.cert) == "trusted"
    assert "no certificate in the file" in outcome(answer, pem.cert)
    signed = authority.sign("signed", names=[OTHER])
    both = own.cert.with_name("both.pem")
    both.write_bytes(own.cert.read_bytes() + signed.cert.read_bytes())
    assert outcome(echo_over(shown(signed)), both) == "trusted"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_authority_does_not_make_up_for_the_name(authority: Authority, host: str) -> None:
    other = authority.sign("other", names=[OTHER, x509.DNSName("127.0.0.1")])
    assert "is for another name" in outcome(echo_over(shown(other)), authority.ca, host)


def test_a_number_of_ipv6_is_a_name_too(authority: Authority) -> None:
    if not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"):
        pytest.skip("no IPv6")
    six = authority.sign("six", names=[x509.IPAddress(ipaddress.ip_address("::1"))])
    assert outcome(echo_over(shown(six)), authority.ca, "[::1]") == "trusted"


@pytest.mark.parametrize(
    ("days", "why"), [((-9, -2), "has expired"), ((2, 9), "is not valid yet; check both clocks")]
)
def test_a_certificate_out_of_its_time_is_refused(
    authority: Authority, days: tuple[int, int], why: str
) -> None:
    own = authority.sign("old", itself=True, names=[NUMBER], days=days)
    answer = echo_over(shown(own))
    assert why in outcome(answer, own.cert)  # though it is named itself
    signed = authority.sign("old", names=[NUMBER], days=days)
    assert why in outcome(echo_over(shown(signed)), authority.ca)


def test_a_short_key_is_refused(authority: Authority) -> None:
    weak = authority.sign("weak", names=[NUMBER], bits=1024)
    assert "too weak" in outcome(echo_over(shown(weak)), authority.ca)


def test_tls_1_1_is_refused(authority: Authority, pem: Pem) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old, newer = shown(pem), shown(pem)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        newer.maximum_version = ssl.TLSVersion.TLSv1_2
    assert "TLS 1.2 or newer" in outcome(echo_over(old), authority.ca)
    assert outcome(echo_over(newer), authority.ca) == "trusted"


def test_what_is_not_tls_hears_no_word(authority: Authority) -> None:
    heard = []

    def answer(raw: socket.socket) -> None:
        heard.append(raw.recv(1 << 16))
        raw.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")

    assert "does not speak TLS" in outcome(answer, authority.ca)
    assert "does not speak TLS" in outcome(lambda raw: raw.close(), authority.ca)
    assert HELLO not in heard[0]


def test_a_camera_that_is_silent_or_absent_is_told(authority: Authority) -> None:
    over = threading.Event()
    assert "in time" in outcome(lambda _: bool(over.wait(20)), authority.ca, seconds=0.5)
    over.set()
    with serving(lambda _: None) as port:
        pass
    with carried(at(port, authority.ca)) as camera:
        assert echoed(camera) == b""
        assert camera.trouble == "nothing listens on that port"


def test_many_bytes_come_through_whole(authority: Authority, pem: Pem) -> None:
    sent = os.urandom(1 << 16) * 64
    found = bytearray()
    with (
        serving(echo_over(shown(pem))) as port,
        carried(at(port, authority.ca)) as camera,
        camera.connect(8) as plain,
    ):
        plain.settimeout(20)
        sender = threading.Thread(target=plain.sendall, args=(sent,))
        sender.start()
        while len(found) < len(sent):
            found += plain.recv(1 << 16)
        sender.join()
    assert found == sent


def test_each_connection_is_checked_and_they_are_numbered(authority: Authority, pem: Pem) -> None:
    with serving(echo_over(shown(pem))) as port, carried(at(port, authority.ca)) as camera:
        found = [echoed(camera) == HELLO for _ in range(MOST_CONNECTIONS + 1)]
    assert found == [True] * MOST_CONNECTIONS + [False]


def test_a_process_that_ended_is_an_error_of_the_connection(authority: Authority, pem: Pem) -> None:
    with serving(echo_over(shown(pem))) as port, carried(at(port, authority.ca)) as camera:
        camera._process.close()
        with pytest.raises(OSError, match="pipe"):
            camera.connect(8)
        assert camera.trouble == ""


@pytest.mark.parametrize("said", [b"\0", b"\xff", bytes([Trouble.LATE]) * 3])
def test_what_a_process_that_was_taken_over_says_is_bounded(
    said: bytes, authority: Authority
) -> None:
    with carried(at(9, authority.ca)) as camera:
        camera._orders.close()
        camera._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        camera._orders.setblocking(False)
        with theirs:
            for _ in range(3 * MOST_CONNECTIONS):
                theirs.send(said)
            expected = "it did not answer in time" if said[0] == Trouble.LATE else ""
            assert camera.trouble == expected
            assert camera._orders.recv(1)  # it does not listen for ever


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as refused:
        read_certificates(path)
    assert "--camera-ca" in refused.value.message
    assert str(path) in refused.value.message
    return refused.value.message


def test_a_file_without_certificates_is_refused(authority: Authority, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    assert "no such file" in refusal(path)
    assert "directory" in refusal(tmp_path)
    path.symlink_to(path)
    assert "symbolic links" in refusal(path)
    path.unlink()
    whole = authority.ca.read_text()
    for text in (
        "",
        "Dear Sir",
        whole[:-40],
        whole.replace("\n", "\n!", 3),
        whole.replace("M", "é"),
        f"{whole}x"[28:],
    ):
        path.write_text(text)
        assert "no certificate in PEM" in refusal(path)
    path.write_bytes(ssl.PEM_cert_to_DER_cert(whole))
    assert "no certificate in PEM" in refusal(path)
    path.write_bytes(b"\n" * tls.LONGEST + whole.encode())
    assert "longer than 4 MiB" in refusal(path)


def test_a_file_with_a_private_key_is_refused(pem: Pem, tmp_path: Path) -> None:
    path = tmp_path / "both.pem"
    path.write_bytes(pem.cert.read_bytes() + pem.key.read_bytes())
    message = refusal(path)
    assert "private key" in message
    assert pem.key.read_text().splitlines()[1] not in message


def test_only_certificates_are_taken_from_a_file(authority: Authority, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    whole = authority.ca.read_text()
    path.write_text(f"Autorité\n{whole}# comment\r\n{whole}", encoding="utf-8")
    assert read_certificates(path).splitlines() == 2 * whole.splitlines()


def first(camera: Source, count: int = 3) -> list[int]:
    """The numbers in the first frames."""
    with open_frames(camera, limits=QUICK) as frames:
        return [number_of(frame.rgb) for frame, _ in zip(frames, range(count), strict=False)]


def trusting(camera: MjpegCamera, authority: Authority) -> Source:
    return replace(sources.url(camera.url), ca=read_certificates(authority.ca))


def test_frames_come_over_tls_and_the_password_is_nowhere(authority: Authority, pem: Pem) -> None:
    with mjpeg_camera(login="guard:right", tls=shown(pem)) as camera:
        source = trusting(camera, authority)
        started = children_from_now_on()
        with open_frames(source, limits=QUICK) as frames:
            numbers = [number_of(frame.rgb) for frame, _ in zip(frames, range(3), strict=False)]
            commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in started()]
        assert started() == set()
    assert numbers == sorted(numbers)
    assert len(commands) == 2
    assert not any(secret in command for command in commands for secret in (b"right", b"s3cret"))
    assert "right" not in repr(source) + source.name
    assert "s3cret" not in repr(source) + source.name
    assert "BEGIN" not in repr(source)


def test_a_camera_that_is_not_trusted_hears_nothing(pem: Pem) -> None:
    with mjpeg_camera(login="guard:right", tls=shown(pem)) as camera:
        started = children_from_now_on()
        with pytest.raises(NoCamera) as refused, open_frames(sources.url(camera.url), limits=QUICK):
            pass
        assert "with --camera-ca" in refused.value.message
        assert "right" not in refused.value.message
        assert "s3cret" not in refused.value.message
        assert camera.heard == []
        assert started() == set()


def test_a_camera_that_comes_back_is_checked_again(
    authority: Authority, pem: Pem, tmp_path: Path
) -> None:
    """The second connection meets somebody else, who has another certificate."""
    stranger = Authority(tmp_path / "other").sign("camera", names=[NUMBER])
    context = shown(pem)
    limits = replace(QUICK, patience=3)
    with (
        mjpeg_camera([["frame"] * 5 + ["drop"], ["frame"] * 99], tls=context) as camera,
        open_frames(trusting(camera, authority), limits=limits) as frames,
    ):
        looking = iter(frames)
        next(looking)
        context.load_cert_chain(stranger.cert, stranger.key)
        with pytest.raises(StreamLost) as lost:
            list(looking)
    assert "no certificate in the file of --camera-ca" in lost.value.message
    assert camera.requests == 1


def test_a_camera_that_is_lost_comes_back(authority: Authority, pem: Pem) -> None:
    script = [["frame"] * 3 + ["drop"], ["frame"] * 999]
    with (
        mjpeg_camera(script, tls=shown(pem)) as camera,
        open_frames(trusting(camera, authority), limits=replace(QUICK, patience=20)) as frames,
    ):
        for _ in frames:
            if frames.interruptions:
                break
    assert camera.requests == 2


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_redirection_to_another_host_leads_to_no_other_host(
    scheme: str, authority: Authority, pem: Pem
) -> None:
    tls_of = {"http": None, "https": shown(pem)}
    with (
        mjpeg_camera(login="guard:right", tls=shown(pem)) as camera,
        mjpeg_camera(tls=tls_of[scheme]) as other,
    ):
        camera.redirect = other.url
        with pytest.raises(NoCamera), open_frames(trusting(camera, authority), limits=QUICK):
            pass
        assert other.heard == []


@pytest.mark.parametrize("whole", [False, True])
def test_a_redirection_within_the_camera_is_followed(
    whole: bool, authority: Authority, pem: Pem
) -> None:
    with mjpeg_camera(tls=shown(pem)) as camera:
        place = camera.url.partition("/video")[0] if whole else ""
        camera.redirect = f"{place}/elsewhere"
        assert len(first(trusting(camera, authority))) == 3


@pytest.mark.parametrize(
    ("host", "port", "place", "led"),
    [
        ("cam", 443, "https://cam/a?b", "/a?b"),
        ("cam", 443, "HTTPS://CAM:443/", "/"),
        ("cam", 8443, "https://cam:8443/a", "/a"),
        ("::1", 8443, "https://[::1]:8443/a", "/a"),
        *(("cam", 8443, place, place) for place in ("https://cam/a", "/a", "http://cam:8443/a")),
        *(("cam", 443, place, place) for place in ("https://cam//other/a", "https://cam.org/a")),
        ("c.m", 443, "https://cam/a", "https://cam/a"),
    ],
)
def test_only_a_redirection_to_the_camera_itself_becomes_a_path(
    host: str, port: int, place: str, led: str
) -> None:
    camera = Camera(host, "127.0.0.1", port, 1, named=True, authorities="")
    answer = "HTTP/1.1 {} Here\r\nServer: x\r\nlocation: {}\r\n\r\nhttps://cam/"
    found = led_within(camera, answer.format(302, place).encode())
    assert found == answer.format(302, led).encode()
    no_redirection = answer.format(200, place).encode()
    assert led_within(camera, no_redirection) == no_redirection


def test_the_camera_is_named_to_itself(authority: Authority) -> None:
    """A server that has several cameras finds the right one by its name."""
    named = authority.sign("named", names=[x509.DNSName("localhost")])
    with mjpeg_camera(tls=shown(named)) as camera:
        address = camera.url.replace("127.0.0.1", "localhost")
        first(replace(sources.url(address), ca=read_certificates(authority.ca)))
        port = camera.url.split(":")[2].split("/")[0]
        assert f"Host: localhost:{port}\n" in camera.heard[0]


def test_an_rtsp_camera_over_tls(rtsp_camera: StartRtsp, authority: Authority, pem: Pem) -> None:
    plain = rtsp_camera("guard", "right")
    port = int(plain.address.partition(":")[2].partition("/")[0])
    with serving(forwarding(shown(pem), port)) as secure:
        url = f"rtsps://guard:right@127.0.0.1:{secure}/camera"
        source = replace(sources.url(url), ca=read_certificates(authority.ca))
        assert len(first(source)) == 3
        with pytest.raises(NoCamera) as refused, open_frames(sources.url(url), limits=QUICK):
            pass
    assert "with --camera-ca" in refused.value.message
    assert "right" not in refused.value.message
