"""Copies of the database: which are known, which must go, and erasing in them."""
