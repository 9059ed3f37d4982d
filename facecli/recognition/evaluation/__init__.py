"""Accuracy on labelled images: the images, the comparisons among them, and their error rates.

`measurement` runs an evaluation from folders to findings; `sets` and `cohorts` read files;
`studies` combines the rates of the other files. `presentations` measures presentation attack
detection on recordings that others have judged. This wing may import engines, analysis and
matching.
"""
