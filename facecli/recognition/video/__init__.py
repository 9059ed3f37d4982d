"""Match the faces of a video or camera: follow each face as a track, and search each track once.

`watch_worker` finds and follows faces in a process of its own; `watch` sends it frames and
searches the tracks that end.

May import: `engines`, `stored`, `analysis`, `matching`, `pad`.
"""
