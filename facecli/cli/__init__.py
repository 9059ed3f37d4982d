"""The command line's frame: the command table, the session, the output."""
