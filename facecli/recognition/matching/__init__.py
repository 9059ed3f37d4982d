"""Compare probes with the permitted references of a purpose: identification 1:N, verification 1:1.

Here are the gallery, the distances, the thresholds, and the search that
stores and logs its matches. `consent.gate` decides which templates may be compared.

May import: `engines`, `stored`, `analysis`.
"""
