"""Letters that a person can read: receipts, certificates of erasure, answers.

Here are the languages, the form of a letter, its two outputs (text and HTML), and one file a kind
of letter. Pure: records in, a letter out. Nothing here opens a database or writes a file.
"""
