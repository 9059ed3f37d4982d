"""Tools that develop facecli; none of them is in the package."""
