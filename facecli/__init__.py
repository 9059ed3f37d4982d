"""Face recognition that answers for itself: consent, matching, erasure and an audit log.

Importing this package costs nothing: it holds the version and imports no other module.
"""

__version__ = "0.2.0"
