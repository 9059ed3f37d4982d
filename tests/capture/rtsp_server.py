"""An RTSP camera: GStreamer's server, sending frames as H.264, on loopback.

Run by the system's Python, which has the bindings (`gir1.2-gst-rtsp-server-1.0`, `python3-gi`):
RAW WIDTH HEIGHT RATE [NAME PASSWORD]; RAW holds RGB frames one after another. Prints its port,
and then a line for each frame when it is its time, before it is encoded.
"""

import sys
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402


def main(raw: str, width: str, height: str, rate: str, *login: str) -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer(address="127.0.0.1", service="0")
    factory = GstRtspServer.RTSPMediaFactory(shared=True)
    factory.set_launch(
        f"( filesrc location={raw} ! rawvideoparse format=rgb width={width} height={height}"
        f" framerate={rate}/1 ! identity name=clock sync=true ! videoconvert"
        " ! openh264enc gop-size=10 complexity=low ! h264parse"
        " ! rtph264pay name=pay0 pt=96 config-interval=1 )"
    )
    factory.connect("media-configure", tell_frames)
    if login:
        guard(server, factory, *login)
    server.get_mount_points().add_factory("/camera", factory)
    if server.attach(None) == 0:
        sys.exit("no port")
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


def tell_frames(_: object, media: Any) -> None:
    """Print a line for each frame of this medium."""

    def tell(*_: object) -> object:
        print("frame", flush=True)
        return Gst.PadProbeReturn.OK

    pad = media.get_element().get_by_name("clock").get_static_pad("src")
    pad.add_probe(Gst.PadProbeType.BUFFER, tell)


def guard(server: Any, factory: Any, name: str, password: str) -> None:
    """Let in only who knows the password."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(name, password), token)
    server.set_auth(auth)
    allowed = GstRtspServer.RTSPPermissions()
    allowed.add_permission_for_role("viewer", "media.factory.access", True)
    allowed.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(allowed)
    assert GstRtsp  # the types of what is above come with it


if __name__ == "__main__":
    main(*sys.argv[1:])
