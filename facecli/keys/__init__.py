"""Keys: their sources, the key slots of a database, and the keys that sign the log.

The only room that imports `cryptography`. It imports `errors` and knows nothing of the database.
"""
