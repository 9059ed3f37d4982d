"""The two steps in a worker: `enclose` before its setup, `seal` after it.

In between, packages are imported, networks are loaded and an invented image is decoded: what is
imported late would not be found any more.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from facecli.errors.workers import NotConfined
from facecli.workers.confinement import landlock, paths, profiles, seccomp
from facecli.workers.confinement.bounds import Bounds
from facecli.workers.confinement.kernel import hide_memory
from facecli.workers.confinement.landlock import (
    IOCTL_DEVICE,
    READ_FILE,
    TRUNCATE,
    WRITE_FILE,
    Grant,
)
from facecli.workers.confinement.profiles import Profile

FILM = 100
"""The descriptor of the film that a worker writes."""


@dataclass(frozen=True)
class Confinement:
    """The layers that confine a worker.

    landlock: the ABI, 0 for none. seccomp: True if it is sealed. gate: its connections are made by
    the parent.
    """

    landlock: int
    seccomp: bool
    gate: bool = False

    @property
    def lacks(self) -> str:
        """The missing layers, as a sentence without its full stop; empty if none is missing."""
        if self.landlock and self.seccomp:
            return ""
        if self.seccomp:
            return "There is no Landlock here: decoders have one lock instead of two"
        if self.landlock:
            return "There is no seccomp here: decoders can still start processes"
        return "There is neither Landlock nor seccomp here: decoders are not confined"


def enclose(bounds: Bounds, film: int | None) -> int:
    """Restrict this process to the program's own files. Call it while it has one thread.

    Args:
        film: the open file that a worker with the profile `FILM` writes.

    Returns:
        Landlock's ABI, 0 if there is none.
    """
    if film is not None:
        os.dup2(film, FILM)
        os.close(film)
    grants = [*paths.grants(bounds.readable, bounds.caches), *_lasting(bounds)]
    abi = landlock.restrict(grants, _ports(bounds))
    hide_memory()
    return abi


def seal(bounds: Bounds, abi: int, channel: socket.socket) -> Confinement:
    """Let this process open nothing any more, and make only the calls of its profile.

    Args:
        abi: from `enclose`.
        channel: the socket to the parent, which gets the listener of the gate.

    Raises:
        NotConfined: it is not confined completely, and that is required.
    """
    sealed = gated = False
    landlock.restrict(_lasting(bounds), _ports(bounds))
    if seccomp.is_known():
        try:
            gated = bounds.profile is Profile.STREAM and _gate(channel)
            seccomp.install(profiles.program(bounds.profile))
            sealed = True
        except OSError:  # a kernel or a container without filters
            pass
    confinement = Confinement(abi, sealed, gated)
    if bounds.required and confinement.lacks:
        raise NotConfined(why=confinement.lacks)
    return confinement


def _gate(channel: socket.socket) -> bool:
    """Let the parent make the connections. Return False if this kernel cannot ask it."""
    try:
        listener = seccomp.install(profiles.program_asking_for_connect(), listener=True)
    except OSError:
        return False
    socket.send_fds(channel, [b"L"], [listener])
    os.close(listener)
    return True


def _ports(bounds: Bounds) -> tuple[int, ...]:
    return () if bounds.port is None else (bounds.port,)


def _lasting(bounds: Bounds) -> list[Grant]:
    """Return what a worker may open after its setup."""
    if bounds.profile is Profile.FILM:
        return [Grant(FILM, READ_FILE | WRITE_FILE | TRUNCATE)]
    if bounds.device is not None:
        return [Grant(bounds.device, READ_FILE | WRITE_FILE | IOCTL_DEVICE)]
    return []
