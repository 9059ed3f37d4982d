"""Images, video and camera frames, read safely, and pictures drawn for people to see.

A file that ends in `_worker` runs in a worker process and sees pixels; the file without that ending
is its half in the parent, which sees none. This room imports `workers` and `errors`, and knows
neither the database nor the log.
"""
