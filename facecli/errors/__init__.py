"""Every error that a user can meet, in a file a room.

`base` has the exit codes and the base class. Each class states its exit code, its reason code, its
message and the remedy; errors of one file may build on `base` and `command_line` only.
"""
