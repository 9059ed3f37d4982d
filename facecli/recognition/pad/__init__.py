"""Presentation attack detection (ISO/IEC 30107): signs that a camera sees a picture of a person.

Here are the cues of one frame (screen pattern, repeated frames, the user's own network) and the
head-turn challenge. `guided_capture.liveness` decides from them over many frames.

May import: `engines`, `stored`, `analysis`.
"""
