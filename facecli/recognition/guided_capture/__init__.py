"""Guide one subject before a camera, and choose the frames to enrol or to verify.

Here are the analysis of a frame, the instruction that follows from it, the choice among good
frames, the liveness check, and the test of a camera. Nothing here opens a camera or stores data.

May import: `engines`, `stored`, `analysis`, `matching`, `pad`.
"""
