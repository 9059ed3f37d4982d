"""Erasure of everything that is due or withdrawn, and proof that nothing is left."""
