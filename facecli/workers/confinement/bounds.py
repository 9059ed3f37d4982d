"""The limits of one worker, as its parent states them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from facecli.workers.confinement import demands
from facecli.workers.confinement.profiles import Profile


@dataclass(frozen=True)
class Bounds:
    """The limits of a worker.

    profile: its kind of work. readable: more files and folders that it reads while it sets up.
    device: the node of the camera that it opens. port: the TCP port to which the gate connects it.
    caches: it may write networks to the cache while it sets up. required: it refuses to work where
    the kernel cannot confine it completely.
    """

    profile: Profile
    readable: tuple[str, ...] = ()
    device: str | None = None
    port: int | None = None
    caches: bool = True
    required: bool = False

    def for_setup(self, setup: Callable[..., Any]) -> Bounds:
        """Return the same bounds with what this setup reads, and with what this process requires.

        A setup reads its own package. An argument of a `partial` may have an attribute `files`: the
        paths that it reads.
        """
        function = getattr(setup, "func", setup)
        package = import_module(function.__module__.partition(".")[0])
        folders = [str(Path(folder)) for folder in getattr(package, "__path__", ())]
        files = [
            str(file)
            for argument in (*getattr(setup, "args", ()), *getattr(setup, "keywords", {}).values())
            for file in getattr(argument, "files", ())
        ]
        return replace(
            self, readable=(*self.readable, *folders, *files), required=demands.required()
        )


IMAGES = Bounds(Profile.IMAGE)
"""Of a worker that decodes and analyses images."""
