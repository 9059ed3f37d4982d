"""Restoring a backup: the restore itself, and the erasures and restrictions made since."""
