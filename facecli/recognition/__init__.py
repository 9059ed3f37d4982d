"""Face recognition: engines, analysis, matching, enrolment, video, evaluation.

The wings, from the lowest to the highest; each imports only from lower ones:

1. `engines`, `stored`
2. `analysis`
3. `matching`, `pad`
4. `enrolment`, `video`, `guided_capture`, `evaluation`
5. `annotation`
"""
