"""Live sources: one contract over a real HTTP stream, a real RTSP stream and the fake device."""

from __future__ import annotations

import os
import signal
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from facecli.capture import frames as frames_module
from facecli.capture import sources
from facecli.capture.frames import Frame, FrameLimits, Frames, open_frames
from facecli.capture.frames_worker import LARGEST_BLOCK
from facecli.capture.sources import Source
from facecli.errors.capture import NoCamera, StreamLost
from tests.capture import fake_camera
from tests.capture.conftest import StartRtsp
from tests.capture.mjpeg_server import mjpeg_camera, number_of
from tests.capture.rtsp_camera import RtspCamera
from tests.workers.processes import children_from_now_on, peak_memory

QUICK = FrameLimits(open=5, read=1, patience=0)
UNHURRIED = FrameLimits(open=5, read=5, patience=0)
TOO_LATE = FrameLimits(open=5, read=0.3, patience=0)


@dataclass
class Live:
    """A live source, and what makes it go away for good."""

    source: Source
    end: Callable[[], None]


@pytest.fixture(params=["http", "rtsp", "device"])
def live(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Live]:
    if request.param == "http":
        with mjpeg_camera() as camera:
            yield Live(sources.url(camera.url), camera.close_connections)
    elif request.param == "rtsp":
        start = request.getfixturevalue("rtsp_camera")
        yield Live(
            sources.url(f"rtsp://{start().address}"), lambda: None
        )  # it ends after two seconds
    else:
        fake_camera.plug_in(tmp_path, monkeypatch)
        yield Live(sources.device("/dev/null"), (tmp_path / "unplugged").touch)


def first(frames: Frames, count: int) -> list[Frame]:
    return [frame for frame, _ in zip(frames, range(count), strict=False)]


def exhaust(frames: Frames, at_each: Callable[[], None] = lambda: None) -> None:
    for _ in frames:
        at_each()


# -- the contract -------------------------------------------------------------------------


def test_frames_come_in_order_with_their_time(live: Live) -> None:
    with open_frames(live.source, limits=QUICK) as frames:
        assert frames.live
        seen = first(frames, 6)
    shown = [number_of(frame.rgb) for frame in seen]
    assert shown == sorted(set(shown))
    assert [frame.number for frame in seen] == sorted({frame.number for frame in seen})
    assert [frame.seconds for frame in seen] == sorted({frame.seconds for frame in seen})
    assert all(frame.rgb.shape == (96, 192, 3) for frame in seen)


def test_numbers_count_what_was_passed_over(live: Live) -> None:
    with open_frames(live.source, limits=QUICK) as frames:
        seen = first(frames, 6)
    offsets = {number_of(frame.rgb) - frame.number for frame in seen}
    assert len(offsets) == 1


def test_a_source_that_goes_away_ends_in_an_error(live: Live) -> None:
    with pytest.raises(StreamLost) as lost, open_frames(live.source, limits=QUICK) as frames:
        exhaust(frames, live.end)
    assert lost.value.code == "stream-lost"


def test_frames_are_turned(live: Live) -> None:
    turned = Source(live.source.kind, live.source.address, rotate=90)
    with open_frames(turned, limits=QUICK) as frames:
        [frame] = first(frames, 1)
    assert frame.rgb.shape == (192, 96, 3)


# -- what goes wrong on the way -----------------------------------------------------------


def test_whoever_looks_late_sees_the_newest_frame_not_the_next() -> None:
    """The added delay, counted in frames that had gone out by the time one was handed over."""
    delays = []
    with (
        mjpeg_camera(rate=25) as camera,
        open_frames(sources.url(camera.url), limits=QUICK) as frames,
    ):
        for frame in first_after_pauses(frames, camera.wait_for_frames):
            delays.append(camera.sent - number_of(frame.rgb))
    assert max(delays) < 2


def test_an_rtsp_frame_is_handed_out_before_two_more_have_gone_out(
    lasting_rtsp_camera: RtspCamera,
) -> None:
    """FFmpeg's parser gives a frame out when the next one begins, and nothing is kept besides."""
    source = sources.url(f"rtsp://{lasting_rtsp_camera.address}")
    with open_frames(source, limits=QUICK) as frames:
        delays = [
            lasting_rtsp_camera.sent - number_of(frame.rgb)
            for frame, _ in zip(frames, range(40), strict=False)
        ]
    assert statistics.median(delays[20:]) < 2


def test_whoever_looks_late_at_an_rtsp_camera_gets_no_frame_from_a_queue(
    lasting_rtsp_camera: RtspCamera,
) -> None:
    """After six pauses of four frames a queue would be twenty behind."""
    delays = []
    source = sources.url(f"rtsp://{lasting_rtsp_camera.address}")
    with open_frames(source, limits=QUICK) as frames:
        for frame in first_after_pauses(frames, lasting_rtsp_camera.wait_for_frames):
            delays.append(lasting_rtsp_camera.sent - number_of(frame.rgb))
    assert statistics.median(delays) <= 2  # of which one has only begun to go out


def first_after_pauses(frames: Frames, pause: Callable[[int], None]) -> Iterator[Frame]:
    for at, frame in enumerate(frames):
        yield frame
        if at == 6:
            return
        pause(4)


def test_a_stream_that_drops_is_taken_up_again() -> None:
    script = [["frame"] * 8 + ["drop"], ["frame"] * 60]
    with mjpeg_camera(script) as camera:
        source = sources.url(camera.url)
        with open_frames(source, limits=FrameLimits(5, 1, 10)) as frames:
            frame = next(frame for frame in frames if frames.interruptions)
    assert number_of(frame.rgb) >= 8
    assert frame.number <= number_of(frame.rgb)  # counted on, not from 0 again
    assert frame.number > 5


def test_garbage_between_the_frames_does_not_end_it() -> None:
    script = [["frame"] * 8 + ["garbage"] * 3 + ["frame"] * 60]
    with (
        mjpeg_camera(script) as camera,
        open_frames(sources.url(camera.url), limits=QUICK) as frames,
    ):
        frame = next(frame for frame in frames if number_of(frame.rgb) > 12)
    assert frame.rgb.shape == (96, 192, 3)
    assert frames.interruptions == 0


def test_a_change_of_resolution_does_not_end_it() -> None:
    """OpenCV scales what comes to the size that it began with."""
    script = [["frame"] * 10 + ["large frame"] * 50]
    with (
        mjpeg_camera(script) as camera,
        open_frames(sources.url(camera.url), limits=QUICK) as frames,
    ):
        frame = next(frame for frame in frames if number_of(frame.rgb) > 14)
    assert frame.rgb.shape == (96, 192, 3)
    assert frames.interruptions == 0


def test_a_stream_that_stalls_is_given_up_within_its_time() -> None:
    with (
        mjpeg_camera([["frame"] * 10 + ["stall"]]) as camera,
        open_frames(sources.url(camera.url), limits=TOO_LATE) as frames,
        pytest.raises(StreamLost),
    ):
        exhaust(frames)


def test_a_camera_that_answers_and_sends_nothing_is_refused_within_its_time() -> None:
    limits = FrameLimits(open=0.4, read=0.4, patience=0)
    with mjpeg_camera([["stall"]]) as camera:
        assert "delivers no pictures" in refusal(camera.url, limits)


def test_a_device_that_opens_and_gives_nothing_is_refused_within_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_camera.plug_in(tmp_path, monkeypatch)
    monkeypatch.setattr(frames_module, "GRACE", 0.1)
    (tmp_path / "dead").touch()
    with (
        open_frames(sources.device("/dev/null"), limits=TOO_LATE) as frames,
        pytest.raises(NoCamera, match="no frame came in time"),
    ):
        exhaust(frames)


def test_a_reader_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watchdog, where the backend's own limit does not hold: the whole process is stopped."""
    monkeypatch.setattr(frames_module, "GRACE", 0.1)
    started = children_from_now_on()

    def stop() -> None:
        [pid] = started()
        os.kill(pid, signal.SIGSTOP)

    with (
        mjpeg_camera() as camera,
        open_frames(sources.url(camera.url), limits=TOO_LATE) as frames,
        pytest.raises(StreamLost, match="no frame came in time"),
    ):
        exhaust(frames, stop)
    assert started() == set()


def test_a_device_gets_the_size_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_camera.plug_in(tmp_path, monkeypatch)
    source = Source("device", "/dev/null", size=(384, 160), mjpeg=True, exposure=300)
    with open_frames(source, limits=QUICK) as frames:
        [frame] = first(frames, 1)
    assert frame.rgb.shape == (160, 384, 3)


# -- why a stream cannot be opened, and what is said of it ---------------------------------


def refusal(address: str, limits: FrameLimits = FrameLimits(open=2, read=1, patience=0)) -> str:  # noqa: B008
    with (
        pytest.raises(NoCamera) as refused,
        open_frames(sources.url(address), limits=limits) as frames,
    ):
        exhaust(frames)
    assert refused.value.code == "no-camera"
    return str(refused.value)


def test_a_wrong_password_is_told_and_not_shown() -> None:
    with mjpeg_camera(login="guard:right") as camera:
        said = refusal(camera.url.replace("right", "wr0ng"))
        assert "another user name and password" in said
        for secret in ("guard", "wr0ng", "s3cret", "video.mjpg"):
            assert secret not in said
        with open_frames(sources.url(camera.url), limits=QUICK) as frames:
            assert first(frames, 1)


def test_an_rtsp_camera_asks_for_its_password(rtsp_camera: StartRtsp) -> None:
    address = rtsp_camera("guard", "right").address
    assert "another user name and password" in refusal(f"rtsp://{address}")
    assert "another user name and password" in refusal(f"rtsp://guard:wr0ng@{address}")
    with open_frames(sources.url(f"rtsp://guard:right@{address}"), limits=QUICK) as frames:
        assert first(frames, 1)


def test_a_wrong_path_a_wrong_port_and_a_wrong_host_are_told_apart(
    rtsp_camera: StartRtsp,
) -> None:
    with mjpeg_camera([]) as camera:
        assert "nothing under that path" in refusal(camera.url)
    assert "nothing under that path" in refusal(f"rtsp://{rtsp_camera().address}/other")
    assert "nothing listens on that port" in refusal("rtsp://127.0.0.1:9/live")
    assert "no host of that name" in refusal("http://camera.invalid/live")


def test_a_server_that_is_no_camera_is_told() -> None:
    with mjpeg_camera([["garbage"] * 3]) as camera:
        assert "delivers no pictures" in refusal(camera.url)


def _environment(pid: int) -> bytes:
    """The environment of a process; nothing where its hidden memory is closed to this user."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except PermissionError:
        return b""


def test_nothing_of_the_url_is_in_the_list_of_processes() -> None:
    with mjpeg_camera(login="guard:right") as camera:
        source = sources.url(camera.url)
        started = children_from_now_on()
        with open_frames(source, limits=QUICK):
            [pid] = started()
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            environment = _environment(pid)
    assert "s3cret" not in repr(source)
    for secret in (b"right", b"s3cret"):
        assert secret not in command + environment


def test_no_process_is_left_when_the_source_is_closed() -> None:
    with mjpeg_camera() as camera:
        started = children_from_now_on()
        with open_frames(sources.url(camera.url), limits=QUICK):
            assert len(started()) == 1
        assert started() == set()


@pytest.mark.parametrize(("length", "before"), [(2**40, 0), (2**31 - 1, 3)])
def test_a_picture_without_end_takes_a_bounded_part_of_the_memory(length: int, before: int) -> None:
    """FFmpeg would keep two gigabytes of it."""
    script = [*["frame"] * before, f"pour {length}"]
    workers, peaks = children_from_now_on(), [0]
    with mjpeg_camera([script]) as camera:
        camera.while_pouring = lambda: peaks.extend(map(peak_memory, workers()))
        with (
            pytest.raises(StreamLost if before else NoCamera),
            open_frames(sources.url(camera.url), limits=UNHURRIED) as frames,
        ):
            exhaust(frames)
    assert 0 < max(peaks) < 2 * LARGEST_BLOCK
