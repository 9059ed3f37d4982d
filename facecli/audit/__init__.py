"""The log: entries, their tree, checkpoints, exports, and the verifiers of all of them.

You find here, from the bottom: `canonical`, `merkle`, `notes` (pure); `trust_key`, `checkpoints`,
`epochs`, `export_text`, `proofs`, `links`, `witnesses` (the formats of facecli-log(5)); `walk`,
`export_files`, `log_verification` (verifying, without a database); `entries`, `stored_entries`,
`sealing`, `exporting`, `evidence`, `query`, `history`, `cursors` (the log in a database); and
`exports/` (a file for each format). Rooms record their acts by `entries`. This room may import
`store`, `keys` and `errors`.
"""
