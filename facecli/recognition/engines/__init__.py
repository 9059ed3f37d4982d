"""Engines: find faces in an image and make templates of them; thresholds from calibrations.

`engine` has the interface and the list of engines, `sface`, `reference`, `dlib` and
`model_card_engine` implement it, `weights` and `onnx_recipes` load networks, `calibration` has the
thresholds, `of_database` the engine of a database. This wing may import no other wing.
"""
