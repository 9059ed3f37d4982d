"""The encrypted database: one SQLCipher file. The only room that imports sqlcipher3."""
