"""Decide what an annotated picture or video shows: marks on matches, blur on all other faces.

`requests` makes the marks of pictures, `trail` those of a whole video, and `picture_worker` draws
a picture in a process of its own. `capture.annotate` and `capture.film` draw the pixels.

May import: every other wing; `capture` for marks, drawing and films.
"""
