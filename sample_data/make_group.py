"""Compose `probes/group.jpg` from four of the portraits beside it.

    python sample_data/make_group.py [OUTPUT]

Only portraits in the public domain or under CC BY are taken, so that the picture can carry one
plain licence (see CREDITS.md); the CC BY-SA ones stay out.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
PORTRAITS = ("enrol/A-1001.jpg", "probes/stranger.jpg", "probes/gate-2.jpg", "probes/gate-3.jpg")
PANEL = (250, 400)  # width and height of each, in pixels


def compose() -> Image.Image:
    """The portraits side by side, each cropped at its sides and scaled to a panel."""
    group = Image.new("RGB", (PANEL[0] * len(PORTRAITS), PANEL[1]))
    for place, name in enumerate(PORTRAITS):
        with Image.open(HERE / name) as portrait:
            panel = ImageOps.fit(portrait, PANEL, Image.Resampling.LANCZOS)
        group.paste(panel, (place * PANEL[0], 0))
    return group


if __name__ == "__main__":
    output = sys.argv[1] if len(sys.argv) > 1 else HERE / "probes/group.jpg"
    compose().save(output, format="JPEG", quality=90)
