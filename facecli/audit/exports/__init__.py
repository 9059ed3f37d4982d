"""The log in formats that other systems read; one file a format.

Each has `line(fields)`, an entry as one line without its newline. JSON Lines is the format that
can be verified. The others carry each entry's leaf hash, by which a doubtful line is found in it.
"""
