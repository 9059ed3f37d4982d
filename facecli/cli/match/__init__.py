"""Run `match` over image files or over the frames of a source.

`matcher` opens the search that both share, `images` and `video` run it. May import what `cli` may.
"""
