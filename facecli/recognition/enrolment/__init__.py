"""Store templates of subjects: enrolment from captures, re-enrolment from kept photos.

`requests` holds what is asked and what became of it, `admission` asks the gate, `enrolment`
stores, `batch` runs many requests in order, `reenrolment` changes the engine of a database.
This wing may import engines, stored, analysis, matching and pad.
"""
