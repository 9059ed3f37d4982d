"""Analysis of one image in a worker: decode, find faces, assess quality, make templates.

`image` runs the steps, `quality`, `head_pose` and `face_pixels` measure, `pool` connects to the
worker processes. This wing may import engines and stored.
"""
