"""One file a command: parse, open, call one room, print."""
