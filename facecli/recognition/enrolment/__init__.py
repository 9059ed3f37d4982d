"""Store templates of subjects: enrolment from captures, re-enrolment from kept photos.

`requests` has the requests and their outcomes, `admission` asks the gate, `enrolment`
stores, `batch` runs many requests in order, `reenrolment` changes the engine of a database.
This wing may import engines, stored, analysis, matching and pad.
"""
