"""Worker processes for the heavy work, so that one bad file costs one task.

`local.Pool` spreads independent tasks over processes, `companion.Companion` keeps one process with
a state. This room knows nothing of images: it imports only `errors`.
"""
