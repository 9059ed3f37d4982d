"""The encrypted database, one SQLCipher file: opening, using, copying and backing it up.

The only room that imports `sqlcipher3`. It imports `keys` and `errors`, and knows neither consents
nor the log: a function that must be logged takes the logging function as an argument.
"""
