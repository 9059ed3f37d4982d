"""Parts of commands that use a camera: its options, and guided capture with its messages.

Imports `capture`, `recognition.guided_capture` and what it needs, and `cli`; opens no database.
"""
