"""Can you prove it? Every act's log entry, and the ways to show that none is missing."""
